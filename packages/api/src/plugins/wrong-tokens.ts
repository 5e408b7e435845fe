import { createHash } from 'node:crypto';
import { normalizeIP } from '@fastify/rate-limit';
import type { Redis } from '@gatehouse/shared/redis';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts the wrong token of a request; answers for how many seconds its address is refused, if it is. */
    countWrongToken?: (request: FastifyRequest) => Promise<number | undefined>;
  }
}

/**
 * Different wrong tokens from one address in a minute. With 256 random bits they are not to be guessed; who tries is told
 * to stop. A script that repeats a token that was revoked is not guessing, and a right token is never refused: it is looked
 * up first.
 */
const limit = { max: 60, windowSeconds: 60 } as const;

/** While Redis is away nothing is counted. */
export async function countWrongToken(redis: Redis, request: FastifyRequest): Promise<number | undefined> {
  const key = `rate-limit:wrong-tokens:${normalizeIP(request.ip)}`;
  const token = createHash('sha256')
    .update(request.headers.authorization ?? '')
    .digest('base64url')
    .slice(0, 16);
  try {
    const before = await redis.scard(key);
    // What is full stays as it is, and so as small.
    if (before < limit.max) await redis.sadd(key, token);
    const ttl = await redis.ttl(key);
    if (ttl < 0) await redis.expire(key, limit.windowSeconds);
    if (before < limit.max || (await redis.sismember(key, token)) === 1) return undefined;
    return Math.max(1, ttl);
  } catch {
    // The connection's own listener has told why.
    return undefined;
  }
}
