import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** One line a request, when it is answered. No bodies, no headers, no query strings. */
export const requestLog = fastifyPlugin(async (app: FastifyInstance) => {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        path: loggedPath(request.url),
        route: request.routeOptions.url,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
});

/** Longest ordinary segment: an id of ours has 31 characters at most. */
const longestPlainSegment = 40;

/**
 * The path with its capabilities masked: log and upload addresses carry their right of access in the path, because
 * go-tfe's log reader replaces the query. Whatever is long is taken for one; a long name of a workspace falls victim.
 */
export function loggedPath(url: string): string {
  const [path = ''] = url.split('?');
  return path
    .split('/')
    .map((segment) => (segment.length > longestPlainSegment ? '[capability]' : segment))
    .join('/');
}
