import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import { requireOwnTeam, requireTeam } from '../services/find-team.ts';
import type { Database } from '../store/database.ts';
import { teamVisibilities } from '../store/schema/identity.ts';
import { deleteTeam, insertTeam, isOwnersTeam, listTeams, type Team, updateTeam } from '../store/teams.ts';
import { commaList, idParameter, organizationParameter, teamName } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { includedOfTeams, membersAccess, ownersAccess, teamResource, teamSchema } from './team-resource.ts';

const sentence =
  'Gatehouse knows two roles: the team owners has every right on the organization, the others have those of members.';
const noAccess = z
  .boolean()
  .optional()
  .refine((given) => given !== true, sentence);
/** Rights that are asked for and not given are refused, since they would be believed in. */
const organizationAccess = z
  .strictObject({
    ...Object.fromEntries(ownersAccess.map((name) => [name, noAccess])),
    ...Object.fromEntries(membersAccess.map((name) => [name, z.boolean().optional()])),
  })
  .optional();

const settings = {
  visibility: z.enum(teamVisibilities).optional(),
  'sso-team-id': z.string().max(200).nullable().optional(),
  'allow-member-token-management': z.boolean().optional(),
  'organization-access': organizationAccess,
};
const teamDocument = documentSchema(teamSchema);
const include = z.string().max(500).optional();
const tags = ['Teams'];

/** Teams hold tokens. Members see those that are not secret, owners decide. */
export const teamRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  { database, clock },
) => {
  app.get(
    '/organizations/:organization/teams',
    {
      schema: {
        tags,
        summary: 'The teams of an organization',
        params: organizationParameter,
        querystring: pageQuery.extend({ 'filter[names]': commaList, q: z.string().max(100).optional(), include }),
        response: { 200: listSchema(teamSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const membership = await requireMember(database, actor, params.organization);
      const seenBy = membership.role === 'owner' ? undefined : membership.id;
      const filter = { names: query['filter[names]'], query: query.q, seenBy };
      const { teams, totalCount } = await listTeams(database, params.organization, filter, pageOf(query));
      const data = teams.map((team) => teamResource(database, team, membership));
      const included = await includedOfTeams(database, teams, query.include);
      const document = listDocument(data, totalCount, query);
      return included === undefined ? document : { ...document, included };
    },
  );

  app.post(
    '/organizations/:organization/teams',
    {
      schema: {
        tags,
        summary: 'Make a team',
        description: 'Owners only.',
        params: organizationParameter,
        body: requestDocument(z.strictObject({ name: teamName, ...settings })),
        response: { 201: teamDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const membership = await requireOwner(database, actor, params.organization);
      const { attributes } = body.data;
      const team = await insertTeam(
        database,
        actor,
        {
          organization: params.organization,
          settings: {
            name: attributes.name,
            visibility: attributes.visibility ?? 'secret',
            ssoTeamId: attributes['sso-team-id'] ?? null,
            allowMemberTokenManagement: attributes['allow-member-token-management'] ?? true,
          },
        },
        clock.now(),
      );
      return reply.status(201).send({ data: teamResource(database, team, membership) });
    },
  );

  app.get(
    '/teams/:id',
    {
      schema: {
        tags,
        summary: 'One team',
        params: idParameter,
        querystring: z.object({ include }),
        response: { 200: teamDocument },
      },
    },
    async ({ actor, params, query }) => {
      const { team, membership } = await requireTeam(database, actor, params.id);
      const included = await includedOfTeams(database, [team], query.include);
      const document = { data: teamResource(database, team, membership) };
      return included === undefined ? document : { ...document, included };
    },
  );

  app.patch(
    '/teams/:id',
    {
      schema: {
        tags,
        summary: 'Change a team',
        description: 'Owners only. A new name is also that of the account that its tokens act as.',
        params: idParameter,
        body: requestDocument(z.strictObject({ name: teamName.optional(), ...settings })),
        response: { 200: teamDocument },
      },
    },
    async ({ actor, params, body }) => {
      const team = await requireOwnTeam(database, actor, params.id);
      const { attributes } = body.data;
      if (attributes.name !== undefined && attributes.name !== team.name) refuseForOwners(team, 'be renamed');
      const changes = givenFields({
        name: attributes.name,
        visibility: attributes.visibility,
        ssoTeamId: attributes['sso-team-id'],
        allowMemberTokenManagement: attributes['allow-member-token-management'],
      });
      const changed = await updateTeam(database, actor, team, changes, clock.now());
      return { data: teamResource(database, changed, { role: 'owner' }) };
    },
  );

  app.delete(
    '/teams/:id',
    {
      schema: {
        tags,
        summary: 'Delete a team with its tokens',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      const team = await requireOwnTeam(database, actor, params.id);
      refuseForOwners(team, 'be deleted');
      await deleteTeam(database, actor, team, clock.now());
      return reply.status(204).send(null);
    },
  );
};

function refuseForOwners(team: Team, what: string): void {
  if (isOwnersTeam(team)) throw new GatehouseError('invalid_request', `The team owners cannot ${what}.`);
}
