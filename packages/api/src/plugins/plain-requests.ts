import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/**
 * What Node's parser lets through, though a proxy may read it in another way: of two Hosts it takes the first, and a
 * request without a version it answers as one of HTTP/0.9. RFC 9112 §3.2 wants the former refused.
 */
export const plainRequests = fastifyPlugin(async (app: FastifyInstance) => {
  app.addHook('onRequest', async (request, reply) => {
    if (request.raw.httpVersionMajor >= 1 && hostsOf(request) <= 1) return;
    // Whatever follows on the connection may have been meant as something else.
    reply.header('connection', 'close');
    throw new GatehouseError('invalid_request', 'Send HTTP/1.1, and Host once.');
  });
});

function hostsOf({ raw }: FastifyRequest): number {
  return raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}
