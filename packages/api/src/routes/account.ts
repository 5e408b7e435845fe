import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { changeOwnPassword } from '../services/change-own-password.ts';
import { createUser } from '../services/create-user.ts';
import type { PasswordGuessDependencies } from '../services/guess-limits.ts';
import { updateUser } from '../services/update-user.ts';
import { findUser, findUserSeenBy } from '../store/users.ts';
import { givenPassword, idParameter, newPassword, username } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { documentSchema, ignored, requestDocument } from './json-api.ts';
import { userResource, userSchema } from './user-resource.ts';

const email = z.email('Give an e-mail address.').max(200);
const changes = requestDocument(z.strictObject({ username: username.optional(), email: email.optional() }));

/** Who is signed in, and users as such. */
export const accountRoutes: FastifyPluginAsyncZod<PasswordGuessDependencies> = async (app, dependencies) => {
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
    '/account/update',
    {
      schema: {
        tags: ['Account'],
        summary: 'Change my user name',
        description: 'The `email` is changed by site admins only.',
        body: changes,
        response: { 200: documentSchema(userSchema) },
      },
    },
    async ({ actor, body }) => {
      const user = await updateUser(dependencies, actor, actor.userId, givenFields(body.data.attributes));
      return { data: userResource(user) };
    },
  );

  app.get(
    '/users/:id',
    {
      schema: {
        tags: ['Account'],
        summary: 'One user',
        description: 'Myself, and who shares an organization with me.',
        params: idParameter,
        response: { 200: documentSchema(userSchema) },
      },
    },
    async ({ actor, params }) => {
      const user = await findUserSeenBy(dependencies.database, actor.userId, params.id);
      if (user === undefined) {
        throw new GatehouseError('not_found', `There is no user ${params.id} that you may see.`);
      }
      return { data: userResource(user) };
    },
  );

  app.patch(
    '/users/:id',
    {
      schema: {
        tags: ['Account'],
        summary: 'Change the name or the address of a user',
        description: 'Site admins only, but for my own name.',
        params: idParameter,
        body: changes,
        response: { 200: documentSchema(userSchema) },
      },
    },
    async ({ actor, params, body }) => {
      const user = await updateUser(dependencies, actor, params.id, givenFields(body.data.attributes));
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
          z.strictObject({
            username,
            password: newPassword,
            email: email.optional(),
            'is-site-admin': z.boolean().default(false),
          }),
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
