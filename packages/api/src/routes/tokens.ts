import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { createApiToken } from '../services/create-api-token.ts';
import type { Database } from '../store/database.ts';
import { type ApiToken, deleteApiToken, findApiToken, listApiTokens } from '../store/tokens.ts';
import { description, idParameter } from './fields.ts';
import {
  documentSchema,
  listDocument,
  listSchema,
  pageOf,
  pageQuery,
  requestDocument,
  resourceSchema,
  timestamp,
  timestampOf,
} from './json-api.ts';

const tokenSchema = resourceSchema('authentication-tokens', {
  description: z.string(),
  'created-at': timestamp,
  'last-used-at': timestamp.nullable(),
  'expired-at': timestamp.nullable(),
  /** Shown once, in the answer that makes the token. */
  token: z.string().nullable(),
});

function tokenResource(token: ApiToken, shown: string | null) {
  return {
    id: token.id,
    type: 'authentication-tokens' as const,
    attributes: {
      description: token.description,
      'created-at': timestampOf(token.createdAt),
      'last-used-at': timestampOf(token.lastUsedAt),
      'expired-at': timestampOf(token.expiresAt),
      token: shown,
    },
  };
}

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
        body: requestDocument(
          z.strictObject({ description, 'expired-at': z.iso.datetime({ offset: true }).nullable().default(null) }),
        ),
        response: { 201: documentSchema(tokenSchema) },
      },
    },
    async ({ actor, params, body }, reply) => {
      requireSelf(actor, params.id);
      const { description: words, 'expired-at': expiredAt } = body.data.attributes;
      const expiresAt = expiredAt === null ? null : new Date(expiredAt);
      const made = await createApiToken(dependencies, actor, { description: words, expiresAt });
      return reply.status(201).send({ data: tokenResource(made.row, made.token.reveal()) });
    },
  );

  app.get(
    '/authentication-tokens/:id',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'One of my API tokens',
        params: idParameter,
        response: { 200: documentSchema(tokenSchema) },
      },
    },
    async ({ actor, params }) => {
      const token = await findApiToken(database, actor.userId, params.id);
      if (token === undefined) throw noSuchToken(params.id);
      return { data: tokenResource(token, null) };
    },
  );

  app.delete(
    '/authentication-tokens/:id',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'Revoke one of my API tokens',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      if (!(await deleteApiToken(database, actor, params.id, clock.now()))) throw noSuchToken(params.id);
      return reply.status(204).send(null);
    },
  );
};

function requireSelf(actor: Actor, userId: string): void {
  if (actor.userId !== userId) throw new GatehouseError('not_found', `There is no user ${userId} that you may see.`);
}

function noSuchToken(id: string): GatehouseError {
  return new GatehouseError('not_found', `You have no API token ${id}.`);
}
