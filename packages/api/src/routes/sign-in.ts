import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { sessionCookieName, sessionCookieOptions } from '../domain/session-cookie.ts';
import { signIn } from '../services/sign-in.ts';
import type { Database } from '../store/database.ts';
import { givenPassword } from './fields.ts';
import { ignored, requestDocument } from './json-api.ts';
import { signInLimit } from './rate-limits.ts';
import { sessionResource, sessionSchema } from './sessions.ts';
import { userResource, userSchema } from './user-resource.ts';

/** Signing in on the page. The cookie's value is in no answer and no log. */
export const signInRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock; publicUrl: string }> = async (
  app,
  { publicUrl, ...dependencies },
) => {
  const credentials = z.strictObject({ username: z.string().max(100), password: givenPassword });
  app.post(
    '/session',
    {
      config: { rateLimit: signInLimit },
      schema: {
        tags: ['Session'],
        security: [],
        summary: 'Sign in',
        description: 'Sets the session cookie of the page. Scripts use API tokens instead.',
        body: z.union([credentials, requestDocument(credentials.extend(ignored(['remember'])))]),
        response: { 201: z.object({ data: sessionSchema, included: z.array(userSchema) }) },
      },
    },
    async ({ body }, reply) => {
      const { user, session, token } = await signIn(dependencies, 'data' in body ? body.data.attributes : body);
      reply.setCookie(sessionCookieName(publicUrl), token.reveal(), {
        ...sessionCookieOptions(publicUrl),
        expires: session.expiresAt,
      });
      return reply.status(201).send({ data: sessionResource(session, session.id), included: [userResource(user)] });
    },
  );
};
