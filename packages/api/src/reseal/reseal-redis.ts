import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';

/** Replaces the value only where it is still the one that was read, and leaves it the time that it has. */
const replaceScript = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`;
/** Of every sealed value: the header of a JWE, in base64url, begins with a brace and a quote. */
const sealedPattern = /^eyJ[\w-]*\.\.[\w-]+\.[\w-]*\.[\w-]+$/;

/**
 * Seals the values that lie at keys of their own, AWS sessions above all, with the current key; gives their number. What
 * stands in jobs of the queues is read within seconds.
 */
export async function resealRedis(redis: Redis, sealer: Pick<Sealer, 'reseal'>): Promise<number> {
  let count = 0;
  for await (const keys of redis.scanStream({ type: 'string', count: 1000 })) {
    for (const key of keys) {
      const sealed = await redis.get(key);
      if (sealed === null || !sealedPattern.test(sealed)) continue;
      const resealed = await sealer.reseal(sealed);
      if (resealed === undefined) continue;
      count += Number(await redis.eval(replaceScript, 1, key, sealed, resealed));
    }
  }
  return count;
}
