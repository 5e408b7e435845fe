import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** A write may have left something in the outbox, such as the news of a setting: it is not left to the relay's slow poll. */
export const relayAfterWrites = fastifyPlugin(async (app: FastifyInstance, { relay }: { relay: { wake(): void } }) => {
  app.addHook('onResponse', async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') relay.wake();
  });
});
