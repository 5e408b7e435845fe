import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { gateJobId } from '@gatehouse/shared/jobs';
import type { ChallengeClaim } from '@gatehouse/shared/worker-api';
import { type Challenge, findChallenge } from '../store/challenges.ts';
import { claimExchange } from '../store/exchanges.ts';
import { requireRun } from '../store/runs.ts';
import { identityInExchange } from './answering-identity.ts';
import { sealAwsKeys } from './aws-variables.ts';
import { rejectExchange } from './end-exchange.ts';
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
  const keys = await identityInExchange(core, requireRun(database, asked.runId), asked);
  if (keys === undefined) {
    loseIdentity(core, input);
    throw nothingToExchange(input.challengeId);
  }
  const sealedIdentity = await sealAwsKeys(sealer, keys, asked.id);
  const claimed = change(core, (now) => {
    const challenges = claimExchange(now.transaction, gateJobId(input.challengeId, input.attempt), now.at);
    return challenges.map((challenge) => ({ challenge, run: requireRun(now.transaction, challenge.runId) }));
  });
  const leader = claimed.find(({ challenge }) => challenge.id === input.challengeId)?.challenge;
  if (leader === undefined) throw nothingToExchange(input.challengeId);
  return {
    mfaSerial: keys.mfaSerial,
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

/** Nobody's keys are there for this code: all that it was given for wait for another one, and no try is used. */
function loseIdentity(core: RunCore, { challengeId, attempt }: { challengeId: string; attempt: number }): void {
  change(core, (now) => {
    // As with every claim, only the first: one that comes late may find a code that is with AWS by now.
    for (const challenge of claimExchange(now.transaction, gateJobId(challengeId, attempt), now.at)) {
      rejectExchange(now, challenge, { rejection: 'aws_identity_gone' });
    }
  });
}

function submitter(challenge: Challenge): string {
  return challenge.submittedByName ?? 'gatehouse';
}

function nothingToExchange(challengeId: string): GatehouseError {
  return new GatehouseError('mfa_not_awaited', `No code is to be exchanged for challenge ${challengeId}.`);
}
