import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { gateJobId } from '@gatehouse/shared/jobs';
import { nextStatus, type Phase, phaseAwaitingMfa, runningPhase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { type Challenge, findChallengeOfPhase, isExtension, latestExtension } from '../store/challenges.ts';
import type { Database, Transaction } from '../store/database.ts';
import { beginExchange, findCodeUse } from '../store/exchanges.ts';
import { applyEvent, type Run, requireRun, touchRun } from '../store/runs.ts';
import { awaitMfa } from './await-mfa.ts';
import { spentCodeMemoryMs } from './end-exchange.ts';
import { noteCodeGuess, refuseGuesser } from './guess-limits.ts';
import type { Change } from './run-core.ts';
import { codeAlreadyUsed } from './spent-code.ts';
import { takeWorkspace } from './take-workspace.ts';

/** A code of one device, known only by its fingerprint, and whose it is; `awsIdentityId` null: the organization's. */
export type SubmittedCode = { mfaSerial: string; fingerprint: string; awsIdentityId: string | null };

/** Where the fingerprints of a device's codes belong. */
export function codeContext(mfaSerial: string): string {
  return `mfa-code/${mfaSerial}`;
}

/**
 * AWS takes a code once: one that was accepted, or is on its way there for another run, is refused here, without using
 * a try. A device is known by its serial number alone, whoever registered it and in whatever organization. Throws
 * `mfa_code_already_used`, which says by whom and for what, and when there will be another.
 */
function refuseUsedCode(change: Change, run: Run, code: SubmittedCode): void {
  const use = findCodeUse(change.transaction, code, new Date(change.at.getTime() - spentCodeMemoryMs));
  if (use !== undefined) throw codeAlreadyUsed(use, { organization: run.organization, at: change.at });
}

/**
 * Moves the challenge that the run waits with from `awaiting` to `exchanging`. After a finished plan the code is the
 * decision as well (M5); while a phase runs it changes nothing but the session's end. `exchangeId` undefined: the challenge leads the exchange; else it joins one that the same code has begun.
 * Throws before it writes anything.
 */
export function enterExchange(
  change: Change,
  submission: { runId: string; code: SubmittedCode; by: Actor; exchangeId?: string | undefined },
): Challenge {
  const { transaction, at } = change;
  const run = requireRun(transaction, submission.runId);
  const { phase, challenge } = requireAwaiting(transaction, run, at);
  const isLeader = submission.exchangeId === undefined;
  const { mfaSerial } = submission.code;
  const { userId } = submission.by;
  if (isLeader) {
    refuseUsedCode(change, run, submission.code);
    refuseGuesser(change, { mfaSerial, userId });
  }
  if (phaseAwaitingMfa(run.status) === undefined && !isExtension(challenge)) {
    takeWorkspace(change, run);
    applyEvent(transaction, {
      runId: run.id,
      event: 'applyMfaRequired',
      by: submission.by.username,
      at,
      set: { confirmedBy: submission.by.userId },
      quietly: true,
    });
    awaitMfa(change, run, phase, { quietly: true });
  }
  const exchangeId = submission.exchangeId ?? gateJobId(challenge.id, challenge.attempt);
  const entered = beginExchange(transaction, {
    challengeId: challenge.id,
    exchangeId,
    ...submission.code,
    by: submission.by,
    at,
  });
  if (entered === undefined) throw inProgress(run.id);
  if (isLeader) noteCodeGuess(change, { id: exchangeId, mfaSerial, userId });
  touchRun(transaction, run.id, at);
  return entered;
}

/**
 * The challenge that a code would answer now. Throws `mfa_not_awaited`, `mfa_exchange_in_progress`,
 * `mfa_deadline_passed` or `mfa_too_many_attempts`.
 */
export function requireAwaiting(
  database: Database | Transaction,
  run: Run,
  at: Date,
): { phase: Phase; challenge: Challenge } {
  // A finished plan waits for a decision; where the apply needs MFA, a code is one.
  const decides = nextStatus(run.status, 'applyMfaRequired') === undefined ? undefined : 'apply';
  const running = runningPhase(run.status);
  const phase = running ?? phaseAwaitingMfa(run.status) ?? decides;
  const find = running === undefined ? findChallengeOfPhase : latestExtension;
  const challenge = phase && find(database, run.id, phase);
  if (phase === undefined || challenge === undefined) throw notAwaited(run);
  if (challenge.state === 'exchanging') throw inProgress(run.id);
  if (isExtension(challenge) && challenge.state === 'given_up') throw notExtended(challenge);
  if (challenge.state !== 'awaiting') throw notAwaited(run);
  if (challenge.deadlineAt !== null && challenge.deadlineAt <= at) {
    throw isExtension(challenge) ? notExtended(challenge) : deadlinePassed(run.id);
  }
  return { phase, challenge };
}

export function notAwaited(run: Run): GatehouseError {
  if (run.endReason === 'mfa_too_many_attempts') {
    return new GatehouseError(
      'mfa_too_many_attempts',
      `AWS refused as many codes as are allowed for run ${run.id}, so it has ended. Queue the run again.`,
    );
  }
  if (run.endReason === 'mfa_deadline_passed') return deadlinePassed(run.id);
  return new GatehouseError('mfa_not_awaited', `Run ${run.id} is ${run.status}; it does not wait for a code.`);
}

function deadlinePassed(runId: string): GatehouseError {
  return new GatehouseError(
    'mfa_deadline_passed',
    `Run ${runId} waited for a code until its deadline, and that has passed. Queue the run again.`,
  );
}

/** Of a code that would have extended a session which nobody extends any more. */
export function notExtended({ runId, triesLeft }: Challenge): GatehouseError {
  const code = triesLeft > 0 ? 'mfa_deadline_passed' : 'mfa_too_many_attempts';
  const why =
    code === 'mfa_deadline_passed'
      ? `The AWS session of run ${runId} could be extended until its deadline, and that has passed.`
      : `AWS refused as many codes as are allowed, so the AWS session of run ${runId} is not extended.`;
  return new GatehouseError(code, `${why} Terraform is asked to stop before it ends, and the state is saved.`);
}

function inProgress(runId: string): GatehouseError {
  return new GatehouseError(
    'mfa_exchange_in_progress',
    `A code for run ${runId} is being checked with AWS already. Its outcome appears in a moment.`,
  );
}
