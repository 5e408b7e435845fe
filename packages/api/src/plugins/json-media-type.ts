import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/**
 * JSON has no charset (RFC 8259), JSON:API forbids media type parameters, and the terraform CLI wants a service
 * discovery of exactly `application/json`; Fastify adds `; charset=utf-8` to each of them while it serialises.
 */
export const jsonMediaType = fastifyPlugin(async (app: FastifyInstance) => {
  app.addHook('onSend', async (_request, reply) => {
    const type = reply.getHeader('content-type');
    const bare = typeof type === 'string' ? /^(application\/[\w.+-]*json); charset=utf-8$/.exec(type)?.[1] : undefined;
    if (bare !== undefined) reply.header('content-type', bare);
  });
});
