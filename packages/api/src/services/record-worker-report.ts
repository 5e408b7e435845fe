import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import type { RunChanges } from '../queue/run-changes.ts';
import { findChallenge } from '../store/challenges.ts';
import { recordChallengeWoke } from './record-challenge-woke.ts';
import { recordCheckFinished } from './record-check-finished.ts';
import { recordMfaAuthenticated } from './record-mfa-authenticated.ts';
import { recordMfaRejected } from './record-mfa-rejected.ts';
import { recordPhaseFinished } from './record-phase-finished.ts';
import { recordSessionOpened } from './record-session-opened.ts';
import { type Change, change, type RunCore } from './run-core.ts';

/**
 * Takes one report of a worker into the store. May be called twice with the same report, late, or in any order: each
 * report names its try or its claim, and what does not match any more is dropped.
 */
export async function recordWorkerReport(
  dependencies: Omit<RunCore, 'sealer'> & { changes: Pick<RunChanges, 'notify'> },
  report: WorkerReport,
): Promise<void> {
  const awaited = change(dependencies, (now) => {
    record(now, report);
    return awaitedOf(now, report);
  });
  // Somebody may be waiting for the answer in this process; the others hear through the outbox.
  if (awaited !== undefined) dependencies.changes.notify(awaited);
}

/** The id of what somebody may be waiting for: a run, or a check. */
function awaitedOf(now: Change, report: WorkerReport): string | undefined {
  if ('runId' in report) return report.runId;
  if ('checkId' in report) return report.checkId;
  return findChallenge(now.transaction, report.challengeId)?.runId;
}

function record(now: Change, report: WorkerReport): void {
  switch (report.type) {
    case 'mfa_authenticated':
      recordMfaAuthenticated(now, report);
      break;
    case 'mfa_rejected':
      recordMfaRejected(now, report);
      break;
    case 'challenge_woke':
      recordChallengeWoke(now, report);
      break;
    case 'phase_finished':
      recordPhaseFinished(now, report);
      break;
    case 'session_opened':
      recordSessionOpened(now, report);
      break;
    case 'check_finished':
      recordCheckFinished(now, report);
      break;
    default:
      report satisfies never;
  }
}
