import type { Redis } from '@gatehouse/shared/redis';
import type { Secret } from '@gatehouse/shared/secret';
import type { RunQueue } from '../queue/run-queue.ts';
import { layTokenCode } from '../queue/sealed-keys.ts';
import type { Challenge } from '../store/challenges.ts';
import { challengesInExchange } from '../store/exchanges.ts';
import { rejectExchange } from './end-exchange.ts';
import { change, type RunCore } from './run-core.ts';

export type CodeSender = RunCore & { redis: Redis; queue: Pick<RunQueue, 'parkChallenge' | 'wakeChallenge'> };

/**
 * Sends the code of an exchange that has begun to the gate lane: first the code, then the alarm, so that whoever wakes
 * finds it. Where Redis cannot be reached the exchange ends as `mfa_code_lost`, which costs no try.
 */
export async function sendCode(dependencies: CodeSender, leader: Challenge, tokenCode: Secret): Promise<void> {
  const { queue, clock, settings } = dependencies;
  try {
    await layTokenCode(dependencies, { challengeId: leader.id, attempt: leader.attempt }, tokenCode);
    // The outbox may not have parked it yet; a job that exists stays as it is.
    const dueAt = leader.deadlineAt ?? new Date(clock.now().getTime() + settings.mfaDeadlineMs);
    await queue.parkChallenge(leader.id, leader.attempt, dueAt);
    await queue.wakeChallenge(leader.id, leader.attempt);
  } catch {
    // What Redis said is known to its own error listener; the person is told what it means, by the exchange's end.
    loseCode(dependencies, leader);
  }
}

/** Every challenge of the exchange goes back to waiting: its code never reached AWS. */
export function loseCode(core: Omit<RunCore, 'sealer'>, leader: Challenge): void {
  change(core, (now) => {
    for (const challenge of challengesInExchange(now.transaction, leader.exchangeId ?? '')) {
      rejectExchange(now, challenge, { rejection: 'mfa_code_lost' });
    }
  });
}
