import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Environment } from '../../api-client/environments.ts';
import { listStateVersions, type StateVersion, stateDownloadPath } from '../../api-client/state-versions.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Paging } from '../../components/paging.tsx';
import { pathTo } from '../../components/paths.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useMembers } from '../members/use-members.ts';
import { shortRunId } from '../run/run-name.ts';
import { useServices } from '../session/services.tsx';
import { byteWords } from './byte-words.ts';
import { OutputList } from './output-list.tsx';

const pageSize = 20;

/** Which state is current, which run wrote it, and what it puts out. Owners download. */
export function StateList({ environment, isOwner }: { environment: Environment; isOwner: boolean }) {
  const { api } = useServices();
  const [page, setPage] = useState(1);
  const members = useMembers(environment.organization);
  const states = useQuery({
    queryKey: [...queryKeys.states(environment.id), page],
    queryFn: ({ signal }) => listStateVersions(api, environment.id, { number: page, size: pageSize }, signal),
    placeholderData: keepPreviousData,
  });
  const nameOf = (id: string | undefined) => members.data?.find(({ userId }) => userId === id)?.username ?? 'a person';
  return (
    <Answered query={states} what="the states">
      {({ versions, totalCount }) => {
        const current = page === 1 ? versions[0] : undefined;
        if (totalCount === 0) {
          return <EmptyPanel title="There is no state yet." body="The first apply writes one." />;
        }
        return (
          <>
            {current !== undefined && <OutputList stateVersionId={current.id} serial={current.serial} />}
            <Section
              title="Versions"
              note={isOwner ? 'A state holds every value in clear, also secrets.' : 'An owner can download them.'}
            >
              <DataTable
                label="State versions"
                columns={columnsFor({ environment, isOwner, currentId: current?.id, nameOf })}
                rows={versions}
                rowKey={({ id }) => id}
              />
              <Paging
                what="state versions"
                number={page}
                size={pageSize}
                totalCount={totalCount}
                isBusy={states.isPlaceholderData}
                onGo={setPage}
              />
            </Section>
          </>
        );
      }}
    </Answered>
  );
}

function columnsFor(view: {
  environment: Environment;
  isOwner: boolean;
  currentId: string | undefined;
  nameOf(id: string | undefined): string;
}): readonly Column<StateVersion>[] {
  const { organization, name } = view.environment;
  return [
    {
      head: 'Version',
      place: 'title',
      cell: ({ id, serial }) => (
        <>
          {serial}
          {id === view.currentId && ' (current)'}
        </>
      ),
    },
    {
      head: 'Written by',
      cell: ({ runId, createdById }) =>
        runId === undefined ? (
          view.nameOf(createdById)
        ) : (
          <Link to={pathTo('run', { organization, workspace: name, runId })} title={runId}>
            {shortRunId(runId)}
          </Link>
        ),
    },
    { head: 'When', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    { head: 'Resources', isNumber: true, cell: ({ resourceCount }) => resourceCount },
    { head: 'Size', isNumber: true, cell: ({ sizeBytes }) => byteWords(sizeBytes) },
    { head: 'Terraform', cell: ({ terraformVersion }) => terraformVersion },
    ...(view.isOwner
      ? [
          {
            head: 'Download',
            place: 'end' as const,
            cell: ({ id, serial }: StateVersion) => (
              <a
                href={stateDownloadPath(id)}
                download={`${name}-${serial}.tfstate`}
                aria-label={`Download version ${serial}`}
              >
                Download
              </a>
            ),
          },
        ]
      : []),
  ];
}
