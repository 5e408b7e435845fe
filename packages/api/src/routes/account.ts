import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { changeOwnPassword } from '../services/change-own-password.ts';
import { createUser } from '../services/create-user.ts';
import type { Database } from '../store/database.ts';
import { findUser, type User } from '../store/users.ts';
import { givenPassword, newPassword, username } from './fields.ts';
import { documentSchema, ignored, requestDocument, resourceSchema, timestamp, timestampOf } from './json-api.ts';

export const userSchema = resourceSchema('users', {
  username: z.string(),
  'is-service-account': z.boolean(),
  'is-site-admin': z.boolean(),
  'created-at': timestamp,
});

export function userResource(user: Omit<User, 'passwordHash'>) {
  return {
    id: user.id,
    type: 'users' as const,
    attributes: {
      username: user.username,
      'is-service-account': false,
      'is-site-admin': user.isSiteAdmin,
      'created-at': timestampOf(user.createdAt),
    },
  };
}

/** Who is signed in, and users as such. */
export const accountRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (app, dependencies) => {
  app.get(
    '/account/details',
    { schema: { tags: ['Account'], summary: 'Who I am', response: { 200: documentSchema(userSchema) } } },
    async ({ actor }) => {
      const user = await findUser(dependencies.database, actor.userId);
      if (user === undefined) throw new GatehouseError('not_found', 'This user is gone.');
      return { data: userResource(user) };
    },
  );

  app.patch(
    '/account/password',
    {
      schema: {
        tags: ['Account'],
        summary: 'Change my password',
        description: 'Ends every other sign-in of mine. API tokens stay.',
        body: requestDocument(
          z.strictObject({
            current_password: givenPassword,
            password: newPassword,
            ...ignored(['password_confirmation']),
          }),
        ),
        response: { 204: z.null() },
      },
    },
    async ({ actor, body, webSessionId }, reply) => {
      const { current_password: currentPassword, password } = body.data.attributes;
      await changeOwnPassword(dependencies, actor, {
        currentPassword,
        newPassword: password,
        keptSessionId: webSessionId,
      });
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/users',
    {
      schema: {
        tags: ['Account'],
        summary: 'Make a user',
        description: 'Site admins only. Owners invite into their organization instead.',
        body: requestDocument(
          z.strictObject({ username, password: newPassword, 'is-site-admin': z.boolean().default(false) }),
        ),
        response: { 201: documentSchema(userSchema) },
      },
    },
    async ({ actor, body }, reply) => {
      const { attributes } = body.data;
      const input = { ...attributes, isSiteAdmin: attributes['is-site-admin'] };
      const user = await createUser(dependencies, actor, input);
      return reply.status(201).send({ data: userResource(user) });
    },
  );
};
