import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requirePerson } from '../services/authorize.ts';
import { createApiToken } from '../services/create-api-token.ts';
import { requireManagedToken } from '../services/service-tokens.ts';
import type { Database } from '../store/database.ts';
import { deleteApiToken, listApiTokens } from '../store/tokens.ts';
import { description, expiry, idParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { tokenResource, tokenSchema } from './token-resource.ts';

/** API tokens of users; everybody has to do with their own only. */
export const tokenRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (app, dependencies) => {
  const { database, clock } = dependencies;
  app.get(
    '/users/:id/authentication-tokens',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'My API tokens',
        params: idParameter,
        querystring: pageQuery,
        response: { 200: listSchema(tokenSchema) },
      },
    },
    async ({ actor, params, query }) => {
      requireSelf(actor, params.id);
      const { tokens, totalCount } = await listApiTokens(database, actor.userId, pageOf(query));
      const data = tokens.map((token) => tokenResource(token, null));
      return listDocument(data, totalCount, query);
    },
  );

  app.post(
    '/users/:id/authentication-tokens',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'Make an API token',
        description: 'The only answer that shows the token. `expired-at` absent or null: it does not expire.',
        params: idParameter,
        body: requestDocument(z.strictObject({ description: description.default(''), 'expired-at': expiry })),
        response: { 201: documentSchema(tokenSchema) },
      },
    },
    async ({ actor, params, body }, reply) => {
      requireSelf(actor, params.id);
      const { description: words, 'expired-at': expiresAt } = body.data.attributes;
      const made = await createApiToken(dependencies, actor, { description: words, expiresAt });
      return reply.status(201).send({ data: tokenResource(made.row, made.token.reveal()) });
    },
  );

  app.get(
    '/authentication-tokens/:id',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'One API token',
        description: 'Of mine, or of a team or an organization whose tokens I manage.',
        params: idParameter,
        response: { 200: documentSchema(tokenSchema) },
      },
    },
    async ({ actor, params }) => {
      const { token, team, of } = await requireManagedToken(database, actor, params.id);
      const service = { service: of.organization !== null, ...(team === undefined ? {} : { teamId: team.id }) };
      return { data: tokenResource(token, null, service) };
    },
  );

  app.delete(
    '/authentication-tokens/:id',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'Revoke an API token',
        description: 'One of mine, or of a team or an organization whose tokens I manage.',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      const { token, of } = await requireManagedToken(database, actor, params.id);
      await deleteApiToken(database, actor, token.id, clock.now(), of);
      return reply.status(204).send(null);
    },
  );
};

function requireSelf(actor: Actor, userId: string): void {
  if (actor.userId !== userId) throw new GatehouseError('not_found', `There is no user ${userId} that you may see.`);
  requirePerson(actor);
}
