import { useCallback, useMemo, useState } from 'react';
import { ApiError } from '../api-client/api-error.ts';
import type { BatchOutcome } from '../api-client/authenticate.ts';
import type { Wait } from '../api-client/waits.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorState } from '../components/error-state.tsx';
import { LoadingState } from '../components/loading-state.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { useSession } from '../features/session/current-session.tsx';
import { type Outcomes, outcomesAfter, withEnded } from '../features/waiting/batch-outcome.ts';
import { NotifyMe } from '../features/waiting/notify-me.tsx';
import { RecentRuns } from '../features/waiting/recent-runs.tsx';
import { useWaits } from '../features/waiting/use-waits.ts';
import { WaitGroupPanel } from '../features/waiting/wait-group-panel.tsx';
import { groupWaits } from '../features/waiting/wait-groups.ts';
import { WaitRow } from '../features/waiting/wait-row.tsx';
import css from '../features/waiting/waiting.module.css';

const nothing: Outcomes = new Map();

/** `/`: what waits for me, and the one code that releases what is ticked. */
export function WaitingPage() {
  const { organizations } = useSession();
  const waits = useWaits();
  const [outcomes, setOutcomes] = useState(nothing);
  const onOutcomes = useCallback(
    (group: readonly Wait[], sent: readonly Wait[], result: readonly BatchOutcome[]) =>
      setOutcomes((before) => outcomesAfter(before, group, sent, result)),
    [],
  );
  const { groups, decisions } = useMemo(
    () => groupWaits(withEnded(waits.data?.waits ?? [], outcomes)),
    [waits.data, outcomes],
  );
  const total = waits.data?.total ?? 0;
  return (
    <div className={css['page']}>
      <PageTitle parts={['Waiting for you']} />
      <header className={css['head']}>
        <h1>Waiting for you {waits.data !== undefined && <span className={css['number']}>{total}</span>}</h1>
        <NotifyMe />
      </header>
      {waits.isPending && <LoadingState what="what waits for you" />}
      {waits.isError && waits.data === undefined && (
        <ErrorState
          title={waits.error instanceof ApiError ? waits.error.title : 'The list could not be read'}
          detail={waits.error instanceof ApiError ? waits.error.detail : 'Load the page anew.'}
          onRetry={() => void waits.refetch()}
        />
      )}
      {groups.map((group) => (
        <WaitGroupPanel
          key={group.key}
          group={group}
          namesOrganization={organizations.length > 1}
          outcomes={outcomes}
          onOutcomes={onOutcomes}
        />
      ))}
      {decisions.length > 0 && <Decisions waits={decisions} />}
      {waits.data !== undefined && total > waits.data.waits.length && (
        <p className={css['more']}>{total - waits.data.waits.length} more wait; they come as these are released.</p>
      )}
      {waits.data !== undefined && total === 0 && (
        <>
          {groups.length === 0 && <EmptyState title="Nothing waits for you." />}
          <RecentRuns />
        </>
      )}
    </div>
  );
}

function Decisions({ waits }: { waits: readonly Wait[] }) {
  return (
    <section className={css['group']} aria-labelledby="decisions" data-testid="decisions">
      <header className={css['device']}>
        <h2 id="decisions">
          Waiting for your decision, no code <span className={css['number']}>{waits.length}</span>
        </h2>
      </header>
      <ul className={css['rows']}>
        {waits.map((wait) => (
          <WaitRow key={wait.runId} wait={wait} />
        ))}
      </ul>
    </section>
  );
}
