import { giveUpChallenge } from '../services/give-up-challenge.ts';
import { change, type RunCore } from '../services/run-core.ts';
import { challengesPastDeadline } from '../store/challenges.ts';

/** One transaction ends this many runs, so that a storm of deadlines does not hold the database for long. */
const atATime = 100;

/** Gives up the waits whose deadline passed without a code: the gate jobs do the same, unless no worker has a slot for them. */
export async function expireChallenges(core: Omit<RunCore, 'sealer'>): Promise<void> {
  for (;;) {
    const late = challengesPastDeadline(core.database, core.clock.now(), atATime);
    if (late.length === 0) return;
    change(core, (now) => {
      for (const challenge of late) giveUpChallenge(now, challenge, 'mfa_deadline_passed');
    });
    // Requests come in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
