import { cancelChannel, sessionKey, tokenCodeKey, tokenCodeTtlSeconds } from '@gatehouse/shared/jobs';
import type { Redis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Secret } from '@gatehouse/shared/secret';
import type { PhaseMessage } from '@gatehouse/shared/worker-api';

/** The few values that pass between api and workers outside the queues. Each is sealed for the very key it lies at. */
type Sealing = { redis: Redis; sealer: Pick<Sealer, 'seal'> };

/** Lays a code down for one minute, to be taken once. False when one lies there already. */
export async function layTokenCode(
  { redis, sealer }: Sealing,
  attempt: { challengeId: string; attempt: number },
  tokenCode: Secret,
): Promise<boolean> {
  const key = tokenCodeKey(attempt.challengeId, attempt.attempt);
  const sealed = await sealer.seal(tokenCode, key);
  return (await redis.set(key, sealed, 'EX', tokenCodeTtlSeconds, 'NX')) === 'OK';
}

/** Takes a code back that nobody fetched. */
export async function removeTokenCode(redis: Redis, challengeId: string, attempt: number): Promise<void> {
  await redis.del(tokenCodeKey(challengeId, attempt));
}

export async function dropSession(redis: Redis, runId: string, phase: Phase): Promise<void> {
  await redis.del(sessionKey(runId, phase));
}

/** A hint; a worker that misses it learns the same from its next heartbeat. */
export async function sendPhaseMessage(
  { redis, sealer }: Sealing,
  runId: string,
  phase: Phase,
  message: PhaseMessage,
): Promise<void> {
  const channel = cancelChannel(runId, phase);
  await redis.publish(channel, await sealer.seal(JSON.stringify(message), channel));
}
