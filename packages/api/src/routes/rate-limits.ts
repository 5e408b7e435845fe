import type { FastifyRequest } from 'fastify';

// For `config: { rateLimit: … }` of a route. Counted in Redis, so that several api processes count together.

/** Guessing a password: 30 tries a minute from an address, behind which an office may be; each costs an argon2id. */
export const signInLimit = { max: 30, timeWindow: '1 minute' } as const;

/** Exchanging codes of 256 random bits: against a flood, from an address behind which an office may be. */
export const oauthTokenLimit = { max: 60, timeWindow: '1 minute' } as const;

/**
 * Against a flood only: what bounds the guessing of codes are the tries of a challenge, and AWS itself. A script may
 * answer for many runs.
 */
export const authenticateLimit = {
  max: 300,
  timeWindow: '1 minute',
  hook: 'preHandler',
  keyGenerator: (request: FastifyRequest) => request.actor.userId,
} as const;

/** Each asks AWS through a worker; nobody enters keys more often by hand. */
export const registerIdentityLimit = { ...authenticateLimit, max: 20 } as const;
