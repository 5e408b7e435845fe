import type { EndReason } from '@gatehouse/shared/end-reasons';
import { type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import { PlanSummary } from '../src/features/plan/plan-summary.tsx';
import { readPlan } from '../src/features/plan/read-plan.ts';
import { type HistoryEntry, stepsOf } from '../src/features/run/run-steps.ts';
import { RunTimeline } from '../src/features/run/run-timeline.tsx';
import { StatusBadge } from '../src/features/run/status-badge.tsx';
import css from './gallery.module.css';
import { samplePlan } from './sample-plan.ts';

const start = Date.now() - 8 * 60_000;
const reasons: readonly EndReason[] = [
  'worker_lost',
  'mfa_deadline_passed',
  'mfa_too_many_attempts',
  'terraform_failed',
  'session_expired',
  'session_revoked',
];
const way: readonly [RunStatus, string][] = [
  ['awaiting_plan_mfa', 'ci-bot'],
  ['plan_queued', 'alice'],
  ['planning', 'w-eu-1'],
  ['planned', 'w-eu-1'],
  ['apply_queued', 'bob'],
  ['applying', 'w-eu-1'],
];

function historyTo(count: number): HistoryEntry[] {
  return way.slice(0, count).map(([toStatus, by], index) => ({
    event: index === 0 ? 'created' : toStatus,
    toStatus,
    at: start + index * 62_000,
    by,
  }));
}

export function Runs() {
  const plan = readPlan(samplePlan);
  return (
    <div className={css['row']}>
      <div className={css['wide']}>
        <div className={css['row']}>
          {runStatuses.map((status) => (
            <StatusBadge key={status} status={status} level="plans_and_applies" behind="run-8Kq2Vd" />
          ))}
          <StatusBadge status="planned" level="never" />
          <StatusBadge status="planned" level="applies_only" challenge="refused" />
          <StatusBadge status="planned" level="applies_only" challenge="exchanging" />
          <StatusBadge status="applying" level="applies_only" isExtending />
          <StatusBadge status="planning" level="plans_and_applies" isExtending challenge="refused" />
          <StatusBadge status="applying" level="applies_only" isExtending challenge="exchanging" />
          {reasons.map((reason) => (
            <StatusBadge key={reason} status="errored" level="never" reason={reason} />
          ))}
        </div>
      </div>
      {[1, 4, 6].map((count) => (
        <div key={count} className={css['wide']}>
          <RunTimeline
            steps={stepsOf({
              status: way[count - 1]?.[0] ?? 'pending',
              level: 'plans_and_applies',
              planOnly: false,
              history: historyTo(count),
            })}
          />
        </div>
      ))}
      <div className={css['wide']}>
        <RunTimeline
          steps={stepsOf({
            status: 'errored',
            level: 'plans_and_applies',
            planOnly: false,
            history: [
              ...historyTo(1),
              { event: 'mfaGivenUp', toStatus: 'errored', at: start + 90_000, by: 'gatehouse' },
            ],
          })}
        />
      </div>
      <div className={css['wide']}>{plan !== undefined && <PlanSummary plan={plan} />}</div>
    </div>
  );
}
