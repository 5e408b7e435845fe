import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { RedisAddress } from '@gatehouse/shared/redis';
import type { FastifyPluginAsync } from 'fastify';
import { openQueueBoard } from '../queue/queue-board.ts';
import { requireMayOperate } from '../services/operator-scope.ts';
import type { Database } from '../store/database.ts';

/** Not below /queue, which is an address of the web page. */
export const rawQueuePath = '/queue-raw';

/** Its library writes styles into the page, loads fonts from elsewhere (refused, it has others) and frames nothing. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

type Dependencies = { database: Database; redisAddress: RedisAddress };

/** The raw queues, for who operates them and is signed in on the page. Register it behind the sign-in, at `rawQueuePath`. */
export const rawQueueRoutes: FastifyPluginAsync<Dependencies> = async (app, dependencies) => {
  const board = openQueueBoard(dependencies.redisAddress, {
    basePath: rawQueuePath,
    onError: (error) => app.log.warn({ err: error }, 'redis'),
  });
  app.addHook('onClose', () => board.close());
  app.addHook('onRequest', async (request, reply) => {
    // A page of its own, not an API: a token has no business here.
    if (request.actor.via !== 'session') throw new GatehouseError('forbidden', 'Sign in on the page to see this.');
    requireMayOperate(dependencies.database, request.actor);
    reply.header('content-security-policy', policy);
  });
  await app.register(board.plugin);
};
