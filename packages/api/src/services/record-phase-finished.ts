import type { PhaseOutcome } from '@gatehouse/shared/api-status';
import { endReasons } from '@gatehouse/shared/end-reasons';
import { needsMfa } from '@gatehouse/shared/mfa-level';
import { isSaved, runningPhase } from '@gatehouse/shared/run-status';
import type { Outcome, WorkerReport } from '@gatehouse/shared/worker-reports';
import { eventsAfterPlan } from '../domain/run.ts';
import { endClaimedPhase, findPhase } from '../store/phases.ts';
import { applyEvent, findRun, type Run, setRunVersion } from '../store/runs.ts';
import { openChallenge } from './await-mfa.ts';
import { decideToApply } from './confirm-run.ts';
import { discardIfOutdated } from './discard-outdated-plan.ts';
import { endPhase } from './end-phase.ts';
import { endRun } from './end-run.ts';
import { type Change, ourselves } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'phase_finished' }>;
type Finished = Extract<Outcome, { kind: 'finished' }>;

/** A worker tells what its phase came to. A report of a claim that does not run the phase any more changes nothing. */
export function recordPhaseFinished(change: Change, report: Report): void {
  const { transaction, at } = change;
  const run = findRun(transaction, report.runId);
  if (run === undefined || runningPhase(run.status) !== report.phase) return;
  const wasRevoked = findPhase(transaction, run.id, report.phase)?.sessionRevokedAt != null;
  const outcome = effectiveOutcome(run, report, wasRevoked);
  const isCurrent = endClaimedPhase(transaction, report, {
    outcome: phaseOutcome(outcome),
    endedAt: at,
    ...(outcome.kind === 'finished' ? countsOf(outcome) : {}),
  });
  if (!isCurrent) return;
  if (report.terraformVersion !== undefined) setRunVersion(transaction, run.id, report.terraformVersion);
  if (outcome.kind === 'finished' && report.phase === 'plan') planFinished(change, run, outcome);
  else endRun(change, { runId: run.id, ...endOf(run, outcome) });
}

/**
 * A plan that ended just before it was to be interrupted is canceled all the same, and comes to nothing where its session
 * was revoked; an apply that did its work is not.
 */
function effectiveOutcome(run: Run, report: Report, wasRevoked: boolean): Outcome {
  const { kind } = report.outcome;
  const wasInterrupted = kind === 'canceled' && run.cancelRequestedAt === null;
  if (wasRevoked && (wasInterrupted || (kind === 'finished' && report.phase === 'plan'))) {
    return { kind: 'failed', reason: 'session_revoked', message: endReasons.session_revoked };
  }
  const wasCanceled = run.cancelRequestedAt !== null && report.phase === 'plan';
  return wasCanceled && report.outcome.kind === 'finished' ? { kind: 'canceled', forced: false } : report.outcome;
}

function planFinished(change: Change, run: Run, outcome: Finished): void {
  const [first, decision] = eventsAfterPlan(run, outcome.hasChanges);
  if (first === 'planFinished') {
    endRun(change, {
      runId: run.id,
      event: first,
      // Of a plan-only run with changes the reason is that it was to plan only.
      reason: outcome.hasChanges ? 'plan_only' : 'no_changes',
      by: ourselves,
    });
    return;
  }
  const { run: planned } = applyEvent(change.transaction, {
    runId: run.id,
    event: first,
    by: ourselves,
    at: change.at,
  });
  if (decision !== undefined) decideToApply(change, planned, { by: ourselves, userId: null });
  // Without a deadline as long as nobody has decided; a code that comes now decides (M5).
  else if (needsMfa(planned.mfaLevel, 'apply')) openChallenge(change, planned, 'apply');
  // Last: its log is archived in the outbox's turn, and an apply that was decided is not to wait for that.
  endPhase(change, run.id, 'plan', []);
  if (isSaved(planned.status)) discardIfOutdated(change, planned);
}

function endOf(run: Run, outcome: Outcome): Omit<Parameters<typeof endRun>[1], 'runId'> {
  switch (outcome.kind) {
    case 'finished':
      return { event: 'applyFinished', reason: 'applied', by: ourselves };
    case 'failed':
      return { event: 'phaseFailed', reason: outcome.reason, message: outcome.message, by: ourselves };
    case 'canceled':
      return {
        event: 'canceled',
        reason: outcome.forced ? 'force_canceled' : 'canceled',
        by: run.cancelRequestedBy ?? ourselves,
      };
    default:
      return outcome satisfies never;
  }
}

function phaseOutcome(outcome: Outcome): PhaseOutcome {
  return outcome.kind === 'failed' ? 'errored' : outcome.kind;
}

function countsOf({ kind: _, ...counts }: Finished): Omit<Finished, 'kind'> {
  return counts;
}
