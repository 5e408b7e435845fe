import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * Signals for answers that stay open: each aborts when its client goes or the app closes. Fastify's close waits for open
 * answers, so without the second one it would hang.
 */
export function openAnswers(app: FastifyInstance): { signalOf(reply: FastifyReply): AbortSignal } {
  const open = new Set<AbortController>();
  app.addHook('preClose', async () => {
    for (const controller of open) controller.abort();
  });
  return {
    signalOf(reply) {
      const controller = new AbortController();
      open.add(controller);
      reply.raw.once('close', () => {
        controller.abort();
        open.delete(controller);
      });
      return controller.signal;
    },
  };
}
