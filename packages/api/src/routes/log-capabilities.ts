import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { CapabilityDependencies } from '../services/capability.ts';
import { firstLogBytes } from '../services/first-log-bytes.ts';
import type { FollowLogDependencies } from '../services/follow-phase-log.ts';
import { openLogCapability } from '../services/log-read-url.ts';
import { openAnswers } from './request-lifetime.ts';

/** Proxies give up after 30 s at the earliest. */
const longPollMs = 20_000;
const defaultLimit = 64 * 1024;

/** Readers of one log who wait at the same time, in one process, and what each of the others waits. */
const maxWaiting = 50;
const shortPollMs = 500;

/**
 * The `log-read-url` of HashiCorp's clients: raw bytes by offset, first and last byte of the framing included. go-tfe
 * reads it without any retry and one 5xx or 429 ends a person's plan (logreader.go:66), so trouble inside is answered as
 * "nothing yet", numbers that make no sense are taken for their defaults, and no limit applies; of very many readers most
 * wait only shortly. Register without a sign-in.
 */
export const logCapabilityRoutes: FastifyPluginAsyncZod<
  FollowLogDependencies & CapabilityDependencies & { clock: Clock }
> = async (app, dependencies) => {
  const answers = openAnswers(app);
  const sit = waitingRoom();
  app.get(
    '/logs/:capability',
    {
      config: { rateLimit: false },
      schema: {
        tags: ['Logs'],
        summary: 'Read a log by byte offset',
        description: 'The address is the `log-read-url` of a plan or an apply. Waits up to 20 s for the next bytes.',
        security: [],
        produces: ['text/plain'],
        params: z.object({ capability: z.string() }),
        querystring: z.object({
          offset: z.coerce.number().int().nonnegative().catch(0),
          limit: z.coerce.number().int().positive().catch(defaultLimit),
        }),
      },
    },
    async (request, reply) => {
      const log = openLogCapability(dependencies, request.params.capability);
      if (log === undefined) throw new GatehouseError('not_found', 'This log address is not valid, or is over.');
      const patienceMs = sit(`${log.runId} ${log.phase}`, reply) ? longPollMs : shortPollMs;
      const signal = AbortSignal.any([answers.signalOf(reply), AbortSignal.timeout(patienceMs)]);
      reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store');
      try {
        return await reply.send(Buffer.from(await firstLogBytes(dependencies, { ...log, ...request.query, signal })));
      } catch (error) {
        request.log.error({ err: error, runId: log.runId }, 'a log could not be read; its reader asks again');
        return reply.send('');
      }
    },
  );
};

/** Whether there is room for one more that waits for `name`; it leaves with its answer. */
function waitingRoom() {
  const waiting = new Map<string, number>();
  return (name: string, reply: FastifyReply): boolean => {
    const here = waiting.get(name) ?? 0;
    if (here >= maxWaiting) return false;
    waiting.set(name, here + 1);
    reply.raw.once('close', () => {
      const left = (waiting.get(name) ?? 1) - 1;
      if (left > 0) waiting.set(name, left);
      else waiting.delete(name);
    });
    return true;
  };
}
