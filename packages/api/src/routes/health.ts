import type { Redis } from '@gatehouse/shared/redis';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { checkDatabase } from '../store/health.ts';

const part = z.enum(['ok', 'failed']);

/** `/healthz`: the process answers. `/readyz`: it can do its work, which is to write its store and to reach Redis. */
export const healthRoutes: FastifyPluginAsyncZod<{ database: Database; redis: Redis; clock: Clock }> = async (
  app,
  { database, redis, clock },
) => {
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['Service'],
        security: [],
        summary: 'The process is alive',
        response: { 200: z.object({ status: part }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  const readiness = z.object({ status: part, store: part, redis: part });
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['Service'],
        security: [],
        summary: 'The process can work',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (request, reply) => {
      const [store, queue] = await Promise.all([
        attempt(() => checkDatabase(database, clock.now())),
        attempt(() => withTimeout(redis.ping(), redisTimeoutMs)),
      ]);
      for (const error of [store, queue]) if (error !== undefined) request.log.warn({ err: error }, 'not ready');
      const isReady = store === undefined && queue === undefined;
      return reply
        .status(isReady ? 200 : 503)
        .send({ status: word(isReady), store: word(!store), redis: word(!queue) });
    },
  );
};

/** Probes give up after a second or so themselves. */
const redisTimeoutMs = 1000;

const word = (isOk: boolean) => (isOk ? 'ok' : 'failed');

async function attempt(work: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function withTimeout<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
