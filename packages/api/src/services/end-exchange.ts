import { type MfaRejection, usesUpATry } from '@gatehouse/shared/error-codes';
import { rejectionLine } from '../domain/challenge.ts';
import { type Challenge, isExtension, updateOpenChallenge } from '../store/challenges.ts';
import { findCodeUse } from '../store/exchanges.ts';
import { strikeGuess } from '../store/guesses.ts';
import { enqueue } from '../store/outbox.ts';
import { touchRun } from '../store/runs.ts';
import { parkChallenge } from './await-mfa.ts';
import { giveUpChallenge } from './give-up-challenge.ts';
import { type Change, ourselves } from './run-core.ts';
import { tellPhase } from './tell-phase.ts';

export type Rejection = {
  rejection: MfaRejection;
  awsMessage?: string | undefined;
  awsRequestId?: string | undefined;
};

/** A code was refused for good reason, or never judged. Remembered this long, since AWS refuses it as often as it comes. */
export const spentCodeMemoryMs = 5 * 60_000;

/**
 * An exchange that ended without a session: the run goes on waiting with a new try (M8), or, when AWS judged the code
 * and that was the last try, ends.
 */
export function rejectExchange(change: Change, challenge: Challenge, told: Rejection): void {
  const { transaction, at } = change;
  const rejection = knownRejection(change, challenge, told.rejection);
  const triesLeft = challenge.triesLeft - (usesUpATry(rejection) ? 1 : 0);
  // Only what AWS itself refused, and would not have taken at any other time, was a guess.
  if (rejection !== 'mfa_rejected') strikeGuess(transaction, challenge.exchangeId ?? '');
  const submittedBy = challenge.submittedByName ?? ourselves;
  const awaiting = updateOpenChallenge(transaction, challenge.id, {
    state: 'awaiting',
    attempt: challenge.attempt + 1,
    triesLeft,
    exchangeId: null,
    exchangeStartedAt: null,
    exchangeClaimedAt: null,
    codeFingerprint: null,
    lastError: rejection,
    lastErrorAt: at,
    awsMessage: told.awsMessage ?? null,
    awsRequestId: told.awsRequestId ?? null,
  });
  if (awaiting === undefined) return;
  const to = { runId: challenge.runId, at };
  const { id: challengeId, attempt, phase } = challenge;
  const lines = [rejectionLine(rejection, submittedBy, { triesLeft, awsIdentityId: challenge.awsIdentityId })];
  enqueue(transaction, to, { kind: 'remove-challenge', challengeId, attempt });
  // The log of a phase that runs is its worker's.
  if (isExtension(challenge)) tellPhase(change, { runId: challenge.runId, phase, lines });
  else enqueue(transaction, to, { kind: 'append-log', phase, lines, once: `${challengeId}.${attempt}.rejected` });
  if (triesLeft <= 0) {
    giveUpChallenge(change, awaiting, 'mfa_too_many_attempts');
    return;
  }
  if (awaiting.deadlineAt !== null) parkChallenge(change, awaiting, awaiting.deadlineAt);
  touchRun(transaction, challenge.runId, at);
}

/** AWS says of a spent code only that it is wrong; we may know better. */
function knownRejection(change: Change, challenge: Challenge, rejection: MfaRejection): MfaRejection {
  if (rejection !== 'mfa_rejected' || challenge.codeFingerprint === null) return rejection;
  const since = new Date(change.at.getTime() - spentCodeMemoryMs);
  const code = { mfaSerial: challenge.mfaSerial, fingerprint: challenge.codeFingerprint };
  return findCodeUse(change.transaction, code, since)?.isSpent ? 'mfa_code_already_used' : rejection;
}
