import { authenticatedEvent, isTerminal } from '@gatehouse/shared/run-status';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { authenticatedLine, identityLine } from '../domain/challenge.ts';
import { extendedLine } from '../domain/extension-lines.ts';
import { recordAudit } from '../store/audit.ts';
import { findAwsIdentity } from '../store/aws-identities.ts';
import { type Challenge, findChallenge, isExtension, updateOpenChallenge } from '../store/challenges.ts';
import { recordSpentCode } from '../store/exchanges.ts';
import { strikeGuess } from '../store/guesses.ts';
import { enqueue } from '../store/outbox.ts';
import { findPhase } from '../store/phases.ts';
import { rememberRoleTrust } from '../store/role-trusts.ts';
import { applyEvent, findRun, type Run, touchRun } from '../store/runs.ts';
import { isOfChallenge } from './answering-identity.ts';
import { leadsItsExchange } from './await-mfa.ts';
import { spentCodeMemoryMs } from './end-exchange.ts';
import { queuePhase } from './queue-phase.ts';
import type { Change } from './run-core.ts';
import { tellPhase } from './tell-phase.ts';

type Report = Extract<WorkerReport, { type: 'mfa_authenticated' }>;

/**
 * AWS gave a session: the phase may be queued, or, where it runs already, goes on with it (M7). A report of a try that is
 * over changes nothing.
 */
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
  strikeGuess(transaction, challenge.exchangeId ?? '');
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
  const run = isExtension(challenge)
    ? extendSession(change, challenge, { username, expiresAt: new Date(report.expiresAt) })
    : releasePhase(change, challenge, username);
  rememberRoleTrust(transaction, run, report.trust, at);
  const { id: challengeId, attempt } = challenge;
  if (!leadsItsExchange(challenge)) {
    enqueue(transaction, { runId: run.id, at }, { kind: 'remove-challenge', challengeId, attempt });
  }
  recordAudit(transaction, {
    organization: run.organization,
    actor: { userId: challenge.submittedBy, username },
    action: isExtension(challenge) ? 'run.session_extended' : 'run.authenticated',
    targetType: 'runs',
    targetId: run.id,
    details: {
      phase: challenge.phase,
      mfaSerial: challenge.mfaSerial,
      ...identityOf(change, challenge),
      accessKeyId: report.accessKeyId,
      expiresAt: report.expiresAt,
      exchangeId: challenge.exchangeId,
    },
    at,
  });
}

/** Whose keys gave the session. `principalArn`: as CloudTrail names them, of a member's own that are still registered. */
function identityOf(
  { transaction }: Change,
  challenge: Challenge,
): { identity: 'organization' } | { identity: 'own'; principalArn?: string } {
  if (challenge.awsIdentityId === null) return { identity: 'organization' };
  const own = findAwsIdentity(transaction, challenge.awsIdentityId);
  if (own === undefined || !isOfChallenge(own, challenge)) return { identity: 'own' };
  return { identity: 'own', principalArn: own.arn };
}

/** M7's line, and after it the one from which CloudTrail's records are known. */
function linesOf(change: Change, challenge: Challenge, username: string): string[] {
  const used = identityOf(change, challenge);
  const arn = used.identity === 'own' ? used.principalArn : undefined;
  const owner = used.identity === 'own' ? `${username}'s own` : "the organization's";
  return [authenticatedLine(username), identityLine({ serial: challenge.mfaSerial, arn, owner })];
}

function releasePhase(change: Change, challenge: Challenge, username: string): Run {
  const { transaction, at } = change;
  const { runId, phase } = challenge;
  const { run } = applyEvent(transaction, { runId, event: authenticatedEvent[phase], by: username, at });
  queuePhase(change, run, phase, linesOf(change, challenge, username));
  return run;
}

/** Terraform runs, and goes on running: its worker is told where the new session lies. */
function extendSession(
  change: Change,
  challenge: Challenge,
  { username, expiresAt }: { username: string; expiresAt: Date },
): Run {
  const { runId, phase } = challenge;
  const lines = [...linesOf(change, challenge, username), extendedLine(expiresAt)];
  tellPhase(change, { runId, phase, lines, isExtended: true });
  return touchRun(change.transaction, runId, change.at);
}

function rememberCode({ transaction, at }: Change, challenge: Challenge, by: string): void {
  const { mfaSerial, codeFingerprint: fingerprint, runId } = challenge;
  if (fingerprint === null) return;
  const forgetBefore = new Date(at.getTime() - spentCodeMemoryMs);
  recordSpentCode(transaction, { mfaSerial, fingerprint, by, runId, at, forgetBefore });
}

/**
 * The session came too late: of a phase that is over, or whose session was revoked, nobody may use it. A phase that is
 * still to come, or goes on, may have a newer one there.
 */
function takeBack({ transaction, at }: Change, { runId, phase }: Challenge): void {
  const run = findRun(transaction, runId);
  const row = findPhase(transaction, runId, phase);
  if (run === undefined || row === undefined) return;
  if (!isTerminal(run.status) && row.outcome === null && row.sessionRevokedAt === null) return;
  enqueue(transaction, { runId, at }, { kind: 'drop-session', phase });
}
