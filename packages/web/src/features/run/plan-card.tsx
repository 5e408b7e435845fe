import { claimablePhase, isTerminal, runningPhase } from '@gatehouse/shared/run-status';
import { lazy, type ReactNode, Suspense } from 'react';
import { Link, useLocation, useSearchParams } from 'react-router';
import type { Run } from '../../api-client/run.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadingState } from '../../components/loading-state.tsx';
import { Answered } from '../answers/answered.tsx';
import { parseLineRange } from '../log/line-range.ts';
import type { Gate } from './gate-of-run.ts';
import css from './phase-card.module.css';
import { PhaseCard } from './phase-card.tsx';
import type { RunStep } from './run-steps.ts';
import type { usePlan } from './use-plan.ts';

// Each is large and needed only once somebody looks at it.
const PlanSummary = lazy(() => import('../plan/plan-summary.tsx').then((file) => ({ default: file.PlanSummary })));
const PhaseLogCard = lazy(() => import('./phase-log.tsx').then((file) => ({ default: file.PhaseLogCard })));

type View = 'changes' | 'log';

export type PlanCardProps = {
  run: Run;
  gate: Gate;
  step: RunStep | undefined;
  plan: ReturnType<typeof usePlan>;
  panel?: ReactNode;
};

/** What the plan found, and its log: `?view=` says which of the two is shown. */
export function PlanCard({ run, gate, step, plan, panel }: PlanCardProps) {
  const { hash } = useLocation();
  const [search] = useSearchParams();
  const chosen = parseLineRange(hash);
  const asked = search.get('view');
  const view: View = run.hasPlanJson && asked !== 'log' && chosen?.phase !== 'plan' ? 'changes' : 'log';
  const hasApplyBegun =
    (claimablePhase(run.status) ?? runningPhase(run.status)) === 'apply' || run.status === 'applied';
  return (
    <PhaseCard
      run={run}
      phase="plan"
      step={step}
      isOpenAtFirst={!hasApplyBegun || chosen?.phase === 'plan' || asked !== null}
      isLockElsewhere={gate.kind !== 'none' && gate.kind !== 'decision' && gate.phase === 'plan'}
      panel={panel}
      beside={run.hasPlanJson && <Views view={view} />}
    >
      <Suspense fallback={<LoadingState what="the plan" />}>
        {view === 'changes' ? (
          <Answered query={plan} what="the changes">
            {(read) =>
              read === null ? (
                <EmptyState title="This plan is of a kind that the page cannot read. Its log tells the same." />
              ) : (
                <PlanSummary plan={read} />
              )
            }
          </Answered>
        ) : (
          <PhaseLogCard
            key={run.id}
            runId={run.id}
            phase="plan"
            hasFailed={isTerminal(run.status) && run.status === 'errored' && !run.hasPlanJson}
            isStructured={run.hasStructuredLog}
            chosen={chosen}
          />
        )}
      </Suspense>
    </PhaseCard>
  );
}

/** Addresses, so that a link to the log can be passed on. */
function Views({ view }: { view: View }) {
  const views = [
    ['changes', 'Changes'],
    ['log', 'Log'],
  ] as const;
  return (
    <nav className={css['views']} aria-label="What of the plan is shown">
      {views.map(([name, words]) => (
        <Link
          key={name}
          to={{ search: `?view=${name}` }}
          className={css['view']}
          aria-current={view === name ? 'page' : undefined}
          replace
          preventScrollReset
        >
          {words}
        </Link>
      ))}
    </nav>
  );
}
