import { authenticatedEvent, isTerminal } from '@gatehouse/shared/run-status';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { authenticatedLine } from '../domain/challenge.ts';
import { recordAudit } from '../store/audit.ts';
import { type Challenge, findChallenge, updateOpenChallenge } from '../store/challenges.ts';
import { recordSpentCode } from '../store/exchanges.ts';
import { enqueue } from '../store/outbox.ts';
import { rememberRoleTrust } from '../store/role-trusts.ts';
import { applyEvent, findRun } from '../store/runs.ts';
import { leadsItsExchange } from './await-mfa.ts';
import { spentCodeMemoryMs } from './end-exchange.ts';
import { queuePhase } from './queue-phase.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'mfa_authenticated' }>;

/** AWS gave a session: the phase may be queued (M7). A report of a try that is over changes nothing. */
export function recordMfaAuthenticated(change: Change, report: Report): void {
  const { transaction, at } = change;
  const challenge = findChallenge(transaction, report.challengeId);
  if (challenge === undefined) return;
  if (challenge.state !== 'exchanging' || challenge.attempt !== report.attempt) {
    takeBack(change, challenge);
    return;
  }
  const username = challenge.submittedByName ?? '';
  rememberCode(change, challenge, username);
  updateOpenChallenge(transaction, challenge.id, {
    state: 'authenticated',
    codeFingerprint: null,
    authenticatedBy: challenge.submittedBy,
    authenticatedByName: username,
    authenticatedAt: at,
    sessionAccessKeyId: report.accessKeyId,
    sessionExpiresAt: new Date(report.expiresAt),
    lastError: null,
    lastErrorAt: null,
    awsMessage: null,
    awsRequestId: null,
  });
  const { run } = applyEvent(transaction, {
    runId: challenge.runId,
    event: authenticatedEvent[challenge.phase],
    by: username,
    at,
  });
  rememberRoleTrust(transaction, run, report.trust, at);
  const { id: challengeId, attempt } = challenge;
  if (!leadsItsExchange(challenge)) {
    enqueue(transaction, { runId: run.id, at }, { kind: 'remove-challenge', challengeId, attempt });
  }
  queuePhase(change, run, challenge.phase, [authenticatedLine(username)]);
  recordAudit(transaction, {
    organization: run.organization,
    actor: { userId: challenge.submittedBy, username },
    action: 'run.authenticated',
    targetType: 'runs',
    targetId: run.id,
    details: {
      phase: challenge.phase,
      mfaSerial: challenge.mfaSerial,
      accessKeyId: report.accessKeyId,
      expiresAt: report.expiresAt,
      exchangeId: challenge.exchangeId,
    },
    at,
  });
}

function rememberCode({ transaction, at }: Change, challenge: Challenge, by: string): void {
  const { mfaSerial, codeFingerprint: fingerprint, runId } = challenge;
  if (fingerprint === null) return;
  const forgetBefore = new Date(at.getTime() - spentCodeMemoryMs);
  recordSpentCode(transaction, { mfaSerial, fingerprint, by, runId, at, forgetBefore });
}

/** The session came too late: for a run that is over nobody may use it. A run that goes on may have a newer one there. */
function takeBack({ transaction, at }: Change, challenge: Challenge): void {
  const run = findRun(transaction, challenge.runId);
  if (run === undefined || !isTerminal(run.status)) return;
  enqueue(transaction, { runId: run.id, at }, { kind: 'drop-session', phase: challenge.phase });
}
