import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { gateJobId } from '@gatehouse/shared/jobs';
import type { ChallengeClaim } from '@gatehouse/shared/worker-api';
import { type Challenge, findChallenge } from '../store/challenges.ts';
import { claimExchange } from '../store/exchanges.ts';
import { requireRun } from '../store/runs.ts';
import { requireMfaIdentity, sealAwsKeys } from './aws-variables.ts';
import { change, type RunCore } from './run-core.ts';
import { sessionRequestOf } from './session-request.ts';

/**
 * A worker has the code of a try in hand and asks with which keys, and for which runs, to spend it. Only the first
 * claim of an exchange is answered; `mfa_not_awaited` (409) to all others, and once nobody waits for it any more.
 */
export async function claimChallenge(
  core: RunCore,
  input: { challengeId: string; attempt: number; workerId: string },
): Promise<ChallengeClaim> {
  const { database, sealer } = core;
  const asked = findChallenge(database, input.challengeId);
  if (asked === undefined) throw nothingToExchange(input.challengeId);
  // Read now, not when the run was queued: a key that was replaced while the run waited is the one that works.
  const keys = await requireMfaIdentity(core, requireRun(database, asked.runId));
  const sealedIdentity = await sealAwsKeys(sealer, keys, asked.id);
  const claimed = change(core, (now) => {
    const challenges = claimExchange(now.transaction, gateJobId(input.challengeId, input.attempt), now.at);
    return challenges.map((challenge) => ({ challenge, run: requireRun(now.transaction, challenge.runId) }));
  });
  const leader = claimed.find(({ challenge }) => challenge.id === input.challengeId)?.challenge;
  if (leader === undefined) throw nothingToExchange(input.challengeId);
  return {
    // Of the moment when the code was submitted, for which it was meant.
    mfaSerial: leader.mfaSerial,
    sealedIdentity,
    targets: claimed
      .toSorted((a, b) => Number(b.challenge.id === leader.id) - Number(a.challenge.id === leader.id))
      .map(({ challenge, run }) => ({
        challengeId: challenge.id,
        attempt: challenge.attempt,
        session: sessionRequestOf(database, run, challenge.phase, { username: submitter(challenge), keys }),
      })),
  };
}

function submitter(challenge: Challenge): string {
  return challenge.submittedByName ?? 'gatehouse';
}

function nothingToExchange(challengeId: string): GatehouseError {
  return new GatehouseError('mfa_not_awaited', `No code is to be exchanged for challenge ${challengeId}.`);
}
