import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import type { Database } from '../store/database.ts';
import { deleteOrganization } from '../store/delete-organization.ts';
import { findMembership } from '../store/memberships.ts';
import {
  changeOrganizationEmail,
  createOrganization,
  findOrganization,
  listOrganizations,
} from '../store/organizations.ts';
import { organizationName, organizationParameter } from './fields.ts';
import { includeQuery, withIncluded } from './includes.ts';
import { documentSchema, ignored, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { includedWithOrganizations, organizationResource, organizationSchema } from './organization-resource.ts';

const email = z.email('Give an e-mail address.').max(200);
const tolerated = [
  'session-timeout',
  'session-remember',
  'collaborator-auth-policy',
  'cost-estimation-enabled',
  'assessments-enforced',
  'owners-team-saml-role-id',
  'send-passing-statuses-for-untriggered-speculative-plans',
  'aggregated-commit-status-enabled',
  'speculative-plan-management-enabled',
  'allow-force-delete-workspaces',
  'default-execution-mode',
  'user-tokens-enabled',
  'stacks-enabled',
  'enforce-hyok',
  'max-ttl-enabled',
  'registry-monorepo-support-enabled',
] as const;

export const organizationRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  { database, clock },
) => {
  app.get(
    '/organizations',
    {
      schema: {
        tags: ['Organizations'],
        summary: 'The organizations that I am a member of',
        description: '`q`: part of the name.',
        querystring: pageQuery.extend({ q: z.string().max(100).optional(), ...includeQuery.shape }),
        response: { 200: listSchema(organizationSchema) },
      },
    },
    async ({ actor, query }) => {
      const { organizations, totalCount } = await listOrganizations(database, actor.userId, pageOf(query), query.q);
      const shown = organizations.map((organization) => {
        const role = findMembership(database, organization.name, actor.userId)?.role ?? 'member';
        return { organization, role };
      });
      const data = shown.map(({ organization, role }) => organizationResource(database, organization, role));
      const included = includedWithOrganizations(database, shown, query.include);
      return withIncluded(listDocument(data, totalCount, query), included);
    },
  );

  app.post(
    '/organizations',
    {
      schema: {
        tags: ['Organizations'],
        summary: 'Make an organization',
        description: 'Site admins only. Who makes it is its first owner.',
        body: requestDocument(z.strictObject({ name: organizationName, email, ...ignored(tolerated) })),
        response: { 201: documentSchema(organizationSchema) },
      },
    },
    async ({ actor, body }, reply) => {
      requireSiteAdmin(actor);
      const { name, email: address } = body.data.attributes;
      const organization = await createOrganization(database, actor, { name, email: address }, clock.now());
      return reply.status(201).send({ data: organizationResource(database, organization, 'owner') });
    },
  );

  app.get(
    '/organizations/:organization',
    {
      schema: {
        tags: ['Organizations'],
        summary: 'One organization',
        params: organizationParameter,
        querystring: includeQuery,
        response: { 200: documentSchema(organizationSchema) },
      },
    },
    async ({ actor, params, query }) => readOrganization(database, actor, params.organization, query.include),
  );

  app.patch(
    '/organizations/:organization',
    {
      schema: {
        tags: ['Organizations'],
        summary: "Change an organization's e-mail address",
        description: 'Its name is its id and stays; clients send it along.',
        params: organizationParameter,
        body: requestDocument(
          z.strictObject({ name: z.string().optional(), email: email.optional(), ...ignored(tolerated) }),
        ),
        response: { 200: documentSchema(organizationSchema) },
      },
    },
    async ({ actor, params, body }) => {
      await requireOwner(database, actor, params.organization);
      const { name, email: address } = body.data.attributes;
      if (name !== undefined && name !== params.organization) {
        throw new GatehouseError('invalid_request', 'The name of an organization is its id and cannot change.', {
          pointer: '/data/attributes/name',
        });
      }
      if (address !== undefined) {
        await changeOrganizationEmail(database, actor, params.organization, address, clock.now());
      }
      return readOrganization(database, actor, params.organization);
    },
  );

  app.delete(
    '/organizations/:organization',
    {
      schema: {
        tags: ['Organizations'],
        summary: 'Delete an organization',
        description:
          'Owners only. Refused while a run in it is not over, or one of its states still manages something.',
        params: organizationParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      await requireOwner(database, actor, params.organization);
      const organization = await findOrganization(database, params.organization);
      if (organization !== undefined) await deleteOrganization(database, actor, organization, clock.now());
      return reply.status(204).send(null);
    },
  );
};

async function readOrganization(database: Database, actor: Actor, name: string, include?: string) {
  const { role } = await requireMember(database, actor, name);
  const organization = await findOrganization(database, name);
  if (organization === undefined) throw new GatehouseError('not_found', `There is no organization "${name}".`);
  const data = organizationResource(database, organization, role);
  return withIncluded({ data }, includedWithOrganizations(database, [{ organization, role }], include));
}

function requireSiteAdmin(actor: Actor): void {
  if (!actor.isSiteAdmin) throw new GatehouseError('forbidden', 'Only a site admin makes organizations.');
}
