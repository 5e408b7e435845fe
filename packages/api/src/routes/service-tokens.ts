import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { requireOwner } from '../services/authorize.ts';
import { requireTokenManager } from '../services/find-team.ts';
import { createOrganizationToken, createTeamToken, requireOwnOrganization } from '../services/service-tokens.ts';
import type { Database } from '../store/database.ts';
import { findServiceToken, listTeamTokens } from '../store/service-tokens.ts';
import { type ApiToken, deleteApiToken } from '../store/tokens.ts';
import { description, expiry, idParameter, organizationParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { tokenResource, tokenSchema } from './token-resource.ts';

const tokenDocument = documentSchema(tokenSchema);
const shownOnce = 'The only answer that shows the token. `expired-at` absent or null: it does not expire.';
// go-tfe sends its options as a document that may have no attributes.
const oneTokenBody = requestDocument(z.strictObject({ 'expired-at': expiry }).default({ 'expired-at': null }));
const kind = z.object({ token: z.string().max(100).optional() });
const tags = ['API tokens'];

/** Tokens of teams and of organizations: they act as an account of their own, with the role of their holder. */
export const serviceTokenRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  dependencies,
) => {
  const { database, clock } = dependencies;

  const teamPath = '/teams/:id/authentication-token';
  app.post(
    teamPath,
    {
      schema: {
        tags,
        summary: 'Make the token of a team',
        description: `Replaces the one that there is. ${shownOnce}`,
        params: idParameter,
        body: oneTokenBody,
        response: { 201: tokenDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const team = await requireTokenManager(database, actor, params.id);
      const input = { description: '', expiresAt: body.data.attributes['expired-at'] };
      const { row, token } = await createTeamToken(dependencies, actor, team, input);
      return reply.status(201).send({ data: tokenResource(row, token.reveal(), { teamId: team.id }) });
    },
  );
  app.get(
    teamPath,
    { schema: { tags, summary: 'The token of a team', params: idParameter, response: { 200: tokenDocument } } },
    async ({ actor, params }) => {
      const team = await requireTokenManager(database, actor, params.id);
      const token = found(await findServiceToken(database, team.id), team.name);
      return { data: tokenResource(token, null, { teamId: team.id }) };
    },
  );
  app.delete(
    teamPath,
    { schema: { tags, summary: 'Revoke the token of a team', params: idParameter, response: { 204: z.null() } } },
    async ({ actor, params }, reply) => {
      const { id, name, organization } = await requireTokenManager(database, actor, params.id);
      const token = found(await findServiceToken(database, id), name);
      await deleteApiToken(database, actor, token.id, clock.now(), { organization, holder: name });
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/teams/:id/authentication-tokens',
    {
      schema: {
        tags,
        summary: 'Make one more token of a team',
        description: `Told from the others by its description. ${shownOnce}`,
        params: idParameter,
        body: requestDocument(
          z.strictObject({ description: description.min(1, 'Say what uses it.'), 'expired-at': expiry }),
        ),
        response: { 201: tokenDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const team = await requireTokenManager(database, actor, params.id);
      const { description: words, 'expired-at': expiresAt } = body.data.attributes;
      const { row, token } = await createTeamToken(dependencies, actor, team, { description: words, expiresAt });
      return reply.status(201).send({ data: tokenResource(row, token.reveal(), { teamId: team.id }) });
    },
  );
  app.get(
    '/teams/:id/authentication-tokens',
    {
      schema: {
        tags,
        summary: 'The tokens of a team',
        params: idParameter,
        querystring: pageQuery,
        response: { 200: listSchema(tokenSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { id: teamId, organization } = await requireTokenManager(database, actor, params.id);
      const { tokens, totalCount } = await listTeamTokens(database, { organization, teamId }, pageOf(query));
      return listDocument(
        tokens.map((token) => tokenResource(token, null, { teamId })),
        totalCount,
        query,
      );
    },
  );
  app.get(
    '/organizations/:organization/team-tokens',
    {
      schema: {
        tags,
        summary: 'The tokens of all teams',
        description: 'Owners only. `q`: part of the name of a team.',
        params: organizationParameter,
        querystring: pageQuery.extend({ q: z.string().max(100).optional() }),
        response: { 200: listSchema(tokenSchema) },
      },
    },
    async ({ actor, params: { organization }, query }) => {
      await requireOwner(database, actor, organization);
      const { tokens, totalCount } = await listTeamTokens(database, { organization, query: query.q }, pageOf(query));
      return listDocument(
        tokens.map((token) => tokenResource(token, null, { teamId: token.teamId })),
        totalCount,
        query,
      );
    },
  );

  const organizationPath = '/organizations/:organization/authentication-token';
  const about = { tags, params: organizationParameter, querystring: kind };
  app.post(
    organizationPath,
    {
      schema: {
        ...about,
        summary: 'Make the token of an organization',
        description: `Owners only. It sets things up, and starts, decides and stops no run. Replaces the one that there is. ${shownOnce}`,
        body: oneTokenBody,
        response: { 201: tokenDocument },
      },
    },
    async ({ actor, params, query, body }, reply) => {
      const organization = await requireOwnOrganization(database, actor, params.organization);
      refuseOtherKinds(query.token);
      const expiresAt = body.data.attributes['expired-at'];
      const { row, token } = await createOrganizationToken(dependencies, actor, organization, expiresAt);
      return reply.status(201).send({ data: tokenResource(row, token.reveal(), { service: true }) });
    },
  );
  app.get(
    organizationPath,
    { schema: { ...about, summary: 'The token of an organization', response: { 200: tokenDocument } } },
    async ({ actor, params, query }) => {
      const { externalId, name } = await requireOwnOrganization(database, actor, params.organization);
      refuseOtherKinds(query.token);
      return {
        data: tokenResource(found(await findServiceToken(database, externalId), name), null, { service: true }),
      };
    },
  );
  app.delete(
    organizationPath,
    { schema: { ...about, summary: 'Revoke the token of an organization', response: { 204: z.null() } } },
    async ({ actor, params, query }, reply) => {
      const { externalId, name } = await requireOwnOrganization(database, actor, params.organization);
      refuseOtherKinds(query.token);
      const token = found(await findServiceToken(database, externalId), name);
      await deleteApiToken(database, actor, token.id, clock.now(), { organization: name, holder: name });
      return reply.status(204).send(null);
    },
  );
};

function found(token: ApiToken | undefined, holder: string): ApiToken {
  if (token === undefined) throw new GatehouseError('not_found', `${holder} has no token.`);
  return token;
}

/** Such as `audit-trails`: the audit log is read with any owner's token. */
function refuseOtherKinds(given: string | undefined): void {
  if (given === undefined || given === 'organization') return;
  throw new GatehouseError('invalid_request', `There are no tokens of the kind "${given}" here.`);
}
