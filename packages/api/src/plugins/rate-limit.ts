import fastifyRateLimit from '@fastify/rate-limit';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Redis } from '@gatehouse/shared/redis';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { countWrongToken } from './wrong-tokens.ts';

/** A Redis that is there but stands still must not hold up people who sign in (ms). */
const commandTimeout = 500;

/**
 * Limits only the routes that ask for it. Its connection is its own and fails at once: while Redis is away nobody waits
 * for a counter, and requests pass. Logs are never limited: go-tfe's log reader gives up at the first refusal.
 */
export const rateLimit = fastifyPlugin(async (app: FastifyInstance, { redis }: { redis: Redis }) => {
  const connection = redis.duplicate({ maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout });
  connection.on('error', (error) => app.log.warn({ err: error }, 'rate limits are off: Redis does not answer'));
  app.addHook('onClose', async () => connection.disconnect());
  app.decorate('countWrongToken', (request) => countWrongToken(connection, request));
  await app.register(fastifyRateLimit, {
    global: false,
    redis: connection,
    nameSpace: 'rate-limit:',
    skipOnError: true,
    errorResponseBuilder: (_request, context) =>
      new GatehouseError('too_many_requests', `Too many requests. Try again in ${context.after}.`),
  });
});
