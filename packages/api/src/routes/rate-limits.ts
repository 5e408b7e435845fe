import type { FastifyRequest } from 'fastify';

// For `config: { rateLimit: … }` of a route. Counted in Redis, so that several api processes count together.

/** Guessing a password: 10 tries a minute from an address; each costs the guesser and us an argon2id. */
export const signInLimit = { max: 10, timeWindow: '1 minute' } as const;

/** Guessing a code: AWS limits it too, and each challenge has its own number of tries. A minute holds two codes. */
export const authenticateLimit = {
  max: 30,
  timeWindow: '1 minute',
  hook: 'preHandler',
  keyGenerator: (request: FastifyRequest) => request.actor.userId,
} as const;
