import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { readNewestRuns } from '../../api-client/recent-runs.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadingState } from '../../components/loading-state.tsx';
import { pathTo } from '../../components/paths.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { runName } from '../run/run-name.ts';
import { StatusBadge } from '../run/status-badge.tsx';
import { badgeFactsOf } from '../run/tab-of-run.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import css from './waiting.module.css';

const shownRuns = 10;

/** My last runs, of all organizations: what one looks for when nothing waits. */
export function RecentRuns() {
  const { api } = useServices();
  const { who, organizations } = useSession();
  const runs = useQuery({
    // Begins as the waiting list's key does: the same events make it old.
    queryKey: [...queryKeys.waiting(), 'recent', who.username],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(organizations.map(({ name }) => readNewestRuns(api, name, signal)));
      return lists
        .flat()
        .filter(({ createdBy }) => createdBy === who.username)
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .slice(0, shownRuns);
    },
  });
  if (runs.isPending) return <LoadingState what="your last runs" />;
  if (runs.data === undefined || runs.data.length === 0) return <NoRuns />;
  return (
    <section aria-labelledby="recent-runs">
      <h2 id="recent-runs">Your last runs</h2>
      <ul className={css['rows']}>
        {runs.data.map((run) => (
          <li key={run.id} className={css['recent']}>
            <Link
              to={pathTo('run', { organization: run.organization, workspace: run.environment, runId: run.id })}
              title={run.id}
            >
              {run.environment} · {runName(run)}
            </Link>
            <StatusBadge {...badgeFactsOf(run)} />
            <RelativeTime at={run.createdAt} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoRuns() {
  const { organizations } = useSession();
  const [organization] = organizations;
  if (organization === undefined) {
    return <EmptyState title="You are in no organization yet." body="An owner of one can make you a member." />;
  }
  return (
    <EmptyState
      title="You have queued no run lately."
      action={<Link to={pathTo('environments', { organization: organization.name })}>Environments</Link>}
    />
  );
}
