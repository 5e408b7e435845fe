import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { listEnvironments } from '../api-client/environments.ts';
import { listOpenRuns, listPastRuns } from '../api-client/run-lists.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Answered } from '../features/answers/answered.tsx';
import { EnvironmentList } from '../features/environments/environment-list.tsx';
import { standingsOf } from '../features/environments/environment-standing.ts';
import { NewEnvironmentDialog } from '../features/environments/new-environment-dialog.tsx';
import { queryKeys } from '../features/live/query-keys.ts';
import { useSession } from '../features/session/current-session.tsx';
import { useServices } from '../features/session/services.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { pathTo } from './paths.ts';

/** `/terraform/:organization/environments`: which environments wait, run, failed; each with its level of codes. */
export function EnvironmentsPage() {
  const { organization = '' } = useParams();
  const { api } = useServices();
  const { organizations } = useSession();
  const navigate = useNavigate();
  const [isMaking, setMaking] = useState(false);
  const membership = organizations.find(({ name }) => name === organization);
  const standings = useQuery({
    queryKey: queryKeys.environments(organization),
    queryFn: async ({ signal }) => {
      const [environments, open, past] = await Promise.all([
        listEnvironments(api, organization, signal),
        listOpenRuns(api, { organization }, signal),
        // The last run of each, as far as it is among the newest of the organization.
        listPastRuns(api, { organization }, { number: 1, size: 100 }, signal),
      ]);
      return { list: standingsOf(environments.items, open, past.runs), totalCount: environments.totalCount };
    },
    enabled: membership !== undefined,
  });
  if (membership === undefined) return <NotFoundPage />;
  const { isOwner } = membership;
  return (
    <>
      <PageTitle parts={['Environments', organization]} />
      <PageHeader
        crumbs={organization}
        title="Environments"
        actions={
          isOwner && (
            <Button size="sm" onClick={() => setMaking(true)}>
              New environment
            </Button>
          )
        }
      />
      <Answered query={standings} what="the environments">
        {({ list, totalCount }) =>
          list.length === 0 ? (
            <EmptyState
              title={`${organization} has no environment yet.`}
              body={isOwner ? 'An environment holds one state, its variables and its runs.' : 'An owner can make one.'}
              action={isOwner && <Button onClick={() => setMaking(true)}>Make the first</Button>}
            />
          ) : (
            <>
              <EnvironmentList standings={list} />
              {totalCount > list.length && <p>{`The first ${list.length} by name. There are more.`}</p>}
            </>
          )
        }
      </Answered>
      {isMaking && (
        <NewEnvironmentDialog
          organization={organization}
          onMade={({ name }) => void navigate(pathTo('environment', { organization, environment: name }))}
          onClose={() => setMaking(false)}
        />
      )}
    </>
  );
}
