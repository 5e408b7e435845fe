import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

/**
 * Only the headers are read. 2.6 switches on all that the CLI's remote runs can do. The release must have the form
 * vYYYYMM-N, or the CLI fails while it parses it. No X-RateLimit-Limit: clients would throttle themselves by it.
 */
export const pingRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/ping',
    { schema: { tags: ['Service'], security: [], summary: 'Say what is served here', response: { 204: z.null() } } },
    async (_request, reply) => {
      reply.headers({
        'tfp-api-version': '2.6',
        'tfp-appname': 'Terraform Enterprise',
        'x-tfe-version': 'v202409-1',
      });
      return reply.status(204).send(null);
    },
  );
};
