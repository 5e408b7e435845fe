import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { findPhase, updatePhase } from '../store/phases.ts';
import { rememberRoleTrust } from '../store/role-trusts.ts';
import { requireRun, touchRun } from '../store/runs.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'session_opened' }>;

/** Which AWS session terraform has, and until when. A report of a claim that does not run the phase any more changes nothing. */
export function recordSessionOpened({ transaction, at }: Change, report: Report): void {
  const phase = findPhase(transaction, report.runId, report.phase);
  if (phase?.claimId !== report.claimId || phase.outcome !== null) return;
  updatePhase(transaction, report.runId, report.phase, {
    sessionAccessKeyId: report.accessKeyId,
    sessionExpiresAt: instantOf(report.expiresAt),
    sessionStopsAt: instantOf(report.stopsAt),
    sessionAsksAt: instantOf(report.asksAt),
  });
  rememberRoleTrust(transaction, requireRun(transaction, report.runId), report.trust, at);
  touchRun(transaction, report.runId, at);
}

function instantOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
