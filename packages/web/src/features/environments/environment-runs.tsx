import { isDecided, isTerminal } from '@gatehouse/shared/run-status';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Environment } from '../../api-client/environments.ts';
import type { RunSummary } from '../../api-client/run.ts';
import { listOpenRuns, listPastRuns } from '../../api-client/run-lists.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { stopwatch } from '../../components/duration-words.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Paging } from '../../components/paging.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import css from './environment-list.module.css';
import { needsPerson } from './environment-standing.ts';
import { FirstRunLines } from './first-run-lines.tsx';
import { RunBadge, RunCounts, RunLink } from './run-facts.tsx';

const pageSize = 20;

/** What holds an environment now, what is next, what happened. */
export function EnvironmentRuns({ environment }: { environment: Environment }) {
  const { api } = useServices();
  const [page, setPage] = useState(1);
  const open = useQuery({
    queryKey: [...queryKeys.runs(environment.name), environment.id, 'open'],
    queryFn: ({ signal }) => listOpenRuns(api, { environmentId: environment.id }, signal),
  });
  const past = useQuery({
    queryKey: [...queryKeys.runs(environment.name), environment.id, 'past', page],
    queryFn: ({ signal }) =>
      listPastRuns(api, { environmentId: environment.id }, { number: page, size: pageSize }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <Answered query={open} what="the runs">
        {(runs) => {
          const { now, next } = nowAndNext(runs);
          return (
            <>
              <Section title="Now" note={now.some(holds) ? 'holds this environment until it is over' : undefined}>
                {now.length === 0 ? (
                  <EmptyPanel title="Nothing runs here." />
                ) : (
                  <DataTable label="Now" columns={openColumns} rows={now} rowKey={({ id }) => id} />
                )}
              </Section>
              {next.length > 0 && (
                <Section title="Next" note={`${next.length} in the queue`}>
                  <DataTable
                    label="Next"
                    columns={[positionColumn(next), ...openColumns]}
                    rows={next}
                    rowKey={({ id }) => id}
                  />
                </Section>
              )}
            </>
          );
        }}
      </Answered>
      <Section title="Past">
        <Answered query={past} what="the past runs">
          {({ runs, totalCount }) =>
            totalCount === 0 ? (
              <EmptyPanel
                title="No run has ended here yet."
                body={
                  open.data?.length === 0 && (
                    <FirstRunLines
                      host={window.location.host}
                      organization={environment.organization}
                      environment={environment.name}
                    />
                  )
                }
              />
            ) : (
              <>
                <DataTable label="Past" columns={pastColumns} rows={runs} rowKey={({ id }) => id} />
                <Paging
                  what="past runs"
                  number={page}
                  size={pageSize}
                  totalCount={totalCount}
                  isBusy={past.isPlaceholderData}
                  onGo={setPage}
                />
              </>
            )
          }
        </Answered>
      </Section>
    </>
  );
}

/** Pending ones in the order of the queue; everything else that is open holds the environment, or runs beside it. */
export function nowAndNext(open: readonly RunSummary[]): { now: RunSummary[]; next: RunSummary[] } {
  const byAge = [...open].sort((one, other) => one.createdAt - other.createdAt);
  const next = byAge
    .filter(({ status }) => status === 'pending')
    .sort((one, other) => (one.queuePosition ?? Infinity) - (other.queuePosition ?? Infinity));
  const now = byAge
    .filter(({ status }) => status !== 'pending')
    .sort((one, other) => Number(needsPerson(other)) - Number(needsPerson(one)));
  return { now, next };
}

function holds(run: RunSummary): boolean {
  return !run.options.planOnly && (!run.options.savePlan || isDecided(run.status));
}

function positionColumn(next: readonly RunSummary[]): Column<RunSummary> {
  return {
    head: 'Place',
    cell: (run) => `${run.queuePosition ?? next.indexOf(run) + 1} of ${next.length}`,
  };
}

const openColumns: readonly Column<RunSummary>[] = [
  {
    head: 'Run',
    place: 'title',
    cell: (run) => (
      <>
        <RunLink run={run} />
        {run.message !== '' && <div className={css['description']}>{run.message}</div>}
      </>
    ),
  },
  {
    head: 'Status',
    place: 'bare',
    cell: (run) => (
      <span className={css['status']}>
        <RunBadge run={run} />
        {run.options.planOnly && <span className={css['none']}>plan only</span>}
        {run.options.savePlan && <span className={css['none']}>saved plan</span>}
        <RunCounts run={run} />
      </span>
    ),
  },
  { head: 'By', cell: ({ createdBy }) => createdBy },
  { head: 'Queued', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
];

const pastColumns: readonly Column<RunSummary>[] = [
  ...openColumns,
  {
    head: 'Took',
    isNumber: true,
    cell: ({ status, createdAt, endedAt }) =>
      isTerminal(status) && endedAt !== undefined ? stopwatch(endedAt - createdAt) : null,
  },
];
