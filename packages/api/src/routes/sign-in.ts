import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  browserCookieName,
  browserCookieOptions,
  sessionCookieName,
  sessionCookieOptions,
} from '../domain/session-cookie.ts';
import type { PasswordGuessDependencies } from '../services/guess-limits.ts';
import { knownBrowserMs } from '../services/known-browser.ts';
import { signIn } from '../services/sign-in.ts';
import { givenPassword } from './fields.ts';
import { ignored, requestDocument } from './json-api.ts';
import { signInLimit } from './rate-limits.ts';
import { sessionResource, sessionSchema } from './sessions.ts';
import { userResource, userSchema } from './user-resource.ts';

/** Signing in on the page. The cookie's value is in no answer and no log. */
export const signInRoutes: FastifyPluginAsyncZod<PasswordGuessDependencies & { publicUrl: string }> = async (
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
    async (request, reply) => {
      const { body, cookies, ip } = request;
      // As the limit of the route counts it: the network of an IPv6 address is one place.
      const from = { address: normalizeIP(ip), browser: cookies[browserCookieName(publicUrl)] };
      const credentials = 'data' in body ? body.data.attributes : body;
      const { user, session, token, browser } = await signIn(dependencies, credentials, from);
      reply.setCookie(sessionCookieName(publicUrl), token.reveal(), {
        ...sessionCookieOptions(publicUrl),
        expires: session.expiresAt,
      });
      reply.setCookie(browserCookieName(publicUrl), browser, {
        ...browserCookieOptions(publicUrl),
        expires: new Date(session.createdAt.getTime() + knownBrowserMs),
      });
      return reply.status(201).send({ data: sessionResource(session, session.id), included: [userResource(user)] });
    },
  );
};
