import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import type { RunChanges } from '../queue/run-changes.ts';
import { findChallenge } from '../store/challenges.ts';
import { recordChallengeWoke } from './record-challenge-woke.ts';
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
  const runId = change(dependencies, (now) => {
    record(now, report);
    return 'runId' in report ? report.runId : findChallenge(now.transaction, report.challengeId)?.runId;
  });
  // Somebody may be waiting for the answer in this process; the others hear through the outbox.
  if (runId !== undefined) dependencies.changes.notify(runId);
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
    default:
      report satisfies never;
  }
}
