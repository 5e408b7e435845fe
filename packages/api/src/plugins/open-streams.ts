import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Lets a person open one more answer that stays open; throws `too_many_requests` or `unavailable`. */
    admitStream?: (request: FastifyRequest, reply: FastifyReply) => void;
  }
}

/** Of one person, in one process: some browsers full of pages, of which each has one or two. */
const maxOfPerson = 100;
/** In one process. Each holds up to about 200 KiB when its reader is slow. */
const maxOfAll = 2_000;
const retryAfterSeconds = 10;

/** Counts the answers that stay open, so that nobody can take the memory of all by opening more and more. */
export const openStreams = fastifyPlugin(async (app: FastifyInstance) => {
  const open = new Map<string, number>();
  let all = 0;
  app.decorate('admitStream', ({ actor: { userId } }, reply) => {
    const mine = open.get(userId) ?? 0;
    if (mine >= maxOfPerson) {
      const message = `You have ${maxOfPerson} logs and pages open. Close some of them.`;
      throw new GatehouseError('too_many_requests', message, { retryAfterSeconds });
    }
    if (all >= maxOfAll) {
      const message = 'Too many logs and pages are open at the moment. Try again in a few seconds.';
      throw new GatehouseError('unavailable', message, { retryAfterSeconds });
    }
    open.set(userId, mine + 1);
    all += 1;
    reply.raw.once('close', () => {
      const left = (open.get(userId) ?? 1) - 1;
      if (left > 0) open.set(userId, left);
      else open.delete(userId);
      all -= 1;
    });
  });
});
