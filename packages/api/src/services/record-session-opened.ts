import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { findPhase, type RunPhase, updatePhase } from '../store/phases.ts';
import { rememberRoleTrust } from '../store/role-trusts.ts';
import { touchRun } from '../store/runs.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'session_opened' }>;

/**
 * Which AWS session terraform has, and until when. A report of a claim that does not run the phase any more changes
 * nothing, nor does one that comes twice or after that of a newer session: the code would be asked for again.
 */
export function recordSessionOpened({ transaction, at }: Change, report: Report): void {
  const phase = findPhase(transaction, report.runId, report.phase);
  if (phase?.claimId !== report.claimId || phase.outcome !== null || !isNewer(report, phase)) return;
  updatePhase(transaction, report.runId, report.phase, {
    sessionAccessKeyId: report.accessKeyId,
    sessionExpiresAt: instantOf(report.expiresAt),
    sessionStopsAt: instantOf(report.stopsAt),
    sessionAsksAt: instantOf(report.asksAt),
  });
  const run = touchRun(transaction, report.runId, at);
  rememberRoleTrust(transaction, run, report.trust, at);
}

function isNewer(report: Report, { sessionAccessKeyId, sessionExpiresAt }: RunPhase): boolean {
  if (sessionAccessKeyId === report.accessKeyId) return false;
  const expiresAt = instantOf(report.expiresAt);
  return sessionExpiresAt === null || expiresAt === null || expiresAt >= sessionExpiresAt;
}

function instantOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
