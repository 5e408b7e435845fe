import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { sessionCookieName, sessionCookieOptions } from '../domain/session-cookie.ts';
import type { Database } from '../store/database.ts';
import { findUser } from '../store/users.ts';
import { deleteWebSession, listWebSessions, type WebSession } from '../store/web-sessions.ts';
import { idParameter } from './fields.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';
import { userResource, userSchema } from './user-resource.ts';

export const sessionSchema = resourceSchema(
  'sessions',
  {
    'created-at': timestamp,
    'last-used-at': timestamp,
    'expires-at': timestamp,
    /** The one that asks. */
    current: z.boolean(),
  },
  { relationships: z.object({ user: toOne('users') }) },
);

export function sessionResource(session: WebSession, currentId: string | undefined) {
  return {
    id: session.id,
    type: 'sessions' as const,
    attributes: {
      'created-at': timestampOf(session.createdAt),
      'last-used-at': timestampOf(session.lastUsedAt),
      'expires-at': timestampOf(session.expiresAt),
      current: session.id === currentId,
    },
    relationships: { user: reference('users', session.userId) },
  };
}

/** My sign-ins on the page: the one that asks, and the others. */
export const sessionRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock; publicUrl: string }> = async (
  app,
  { database, clock, publicUrl },
) => {
  app.get(
    '/session',
    {
      schema: {
        tags: ['Session'],
        summary: 'The sign-in that asks',
        response: { 200: z.object({ data: sessionSchema, included: z.array(userSchema) }) },
      },
    },
    async ({ actor, webSessionId }) => {
      const sessions = await listWebSessions(database, actor.userId, clock.now());
      const session = sessions.find(({ id }) => id === webSessionId);
      const user = await findUser(database, actor.userId);
      if (session === undefined || user === undefined) {
        throw new GatehouseError('not_found', 'This request bears an API token, not the session of a page.');
      }
      return { data: sessionResource(session, webSessionId), included: [userResource(user)] };
    },
  );

  app.delete(
    '/session',
    { schema: { tags: ['Session'], summary: 'Sign out', response: { 204: z.null() } } },
    async ({ actor, webSessionId }, reply) => {
      if (webSessionId !== undefined) await deleteWebSession(database, actor.userId, webSessionId);
      reply.clearCookie(sessionCookieName(publicUrl), sessionCookieOptions(publicUrl));
      return reply.status(204).send(null);
    },
  );

  app.get(
    '/account/sessions',
    {
      schema: {
        tags: ['Session'],
        summary: 'My sign-ins on the page',
        response: { 200: z.object({ data: z.array(sessionSchema) }) },
      },
    },
    async ({ actor, webSessionId }) => {
      const sessions = await listWebSessions(database, actor.userId, clock.now());
      return { data: sessions.map((session) => sessionResource(session, webSessionId)) };
    },
  );

  app.delete(
    '/account/sessions/:id',
    {
      schema: {
        tags: ['Session'],
        summary: 'End one of my sign-ins',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      if (!(await deleteWebSession(database, actor.userId, params.id))) {
        throw new GatehouseError('not_found', `You have no sign-in ${params.id}.`);
      }
      return reply.status(204).send(null);
    },
  );
};
