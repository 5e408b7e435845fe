import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { jsonApiMediaType } from '../domain/media-type.ts';

/**
 * Answers bear JSON:API's media type and requests may: go-tfe reads some headers only beside it. A route that sends
 * something else sets its own type. JSON with `__proto__` or `constructor.prototype` is refused.
 */
export const jsonApiContentType = fastifyPlugin(async (app: FastifyInstance) => {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(['application/json', jsonApiMediaType], { parseAs: 'string' }, (request, body, done) => {
    // Clients send the media type with no body at all when an action has nothing to say.
    if (body === '') done(null, undefined);
    else void parseJson(request, body.toString(), done);
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-type', jsonApiMediaType);
  });
});
