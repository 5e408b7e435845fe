import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/**
 * What Node lets through, though a proxy may read it in another way: of two Hosts it takes the first, and a
 * request without a version it answers as one of HTTP/0.9. RFC 9112 §3.2 wants all but one refused.
 */
export const plainRequests = fastifyPlugin(async (app: FastifyInstance) => {
  app.addHook('onRequest', async (request, reply) => {
    const { httpVersion } = request.raw;
    const isOldEnoughForNone = httpVersion === '1.0';
    if (httpVersion !== '0.9' && (hostsOf(request) === 1 || (isOldEnoughForNone && hostsOf(request) === 0))) return;
    // Whatever follows on the connection may have been meant as something else.
    reply.header('connection', 'close');
    throw new GatehouseError('invalid_request', 'Send HTTP/1.1, and Host once.');
  });
});

function hostsOf({ raw }: FastifyRequest): number {
  return raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}
