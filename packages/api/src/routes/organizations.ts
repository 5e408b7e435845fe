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
  type Organization,
} from '../store/organizations.ts';
import { defaultProjectId } from '../store/projects.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { organizationName, organizationParameter } from './fields.ts';
import {
  documentSchema,
  ignored,
  listDocument,
  listSchema,
  pageOf,
  pageQuery,
  reference,
  requestDocument,
  resourceSchema,
  timestamp,
  timestampOf,
  toOne,
} from './json-api.ts';

export const organizationSchema = resourceSchema(
  'organizations',
  {
    name: z.string(),
    email: z.string(),
    'external-id': z.string(),
    'created-at': timestamp,
    /** Of the one who asks. */
    role: z.enum(['owner', 'member']),
    permissions: z.object({
      'can-update': z.boolean(),
      'can-destroy': z.boolean(),
      'can-create-workspace': z.boolean(),
      'can-create-team': z.boolean(),
      'can-update-api-token': z.boolean(),
      'can-traverse': z.boolean(),
      'can-manage-users': z.boolean(),
      'can-update-variables': z.boolean(),
      'can-read-audit-records': z.boolean(),
    }),
  },
  { relationships: z.object({ 'default-project': toOne('projects') }) },
);

/** On the TFE API the id of an organization is its name. */
export function organizationResource(database: Database, organization: Organization, role: MemberRole) {
  const isOwner = role === 'owner';
  return {
    id: organization.name,
    type: 'organizations' as const,
    attributes: {
      name: organization.name,
      email: organization.email,
      'external-id': organization.externalId,
      'created-at': timestampOf(organization.createdAt),
      role,
      permissions: {
        'can-update': isOwner,
        'can-destroy': isOwner,
        'can-create-workspace': isOwner,
        'can-create-team': isOwner,
        'can-update-api-token': isOwner,
        'can-traverse': true,
        'can-manage-users': isOwner,
        'can-update-variables': isOwner,
        'can-read-audit-records': isOwner,
      },
    },
    relationships: { 'default-project': reference('projects', defaultProjectId(database, organization.name)) },
  };
}

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
        querystring: pageQuery,
        response: { 200: listSchema(organizationSchema) },
      },
    },
    async ({ actor, query }) => {
      const { organizations, totalCount } = await listOrganizations(database, actor.userId, pageOf(query));
      const data = organizations.map((organization) => {
        const role = findMembership(database, organization.name, actor.userId)?.role ?? 'member';
        return organizationResource(database, organization, role);
      });
      return listDocument(data, totalCount, query);
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
        response: { 200: documentSchema(organizationSchema) },
      },
    },
    async ({ actor, params }) => readOrganization(database, actor, params.organization),
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

async function readOrganization(database: Database, actor: Actor, name: string) {
  const { role } = await requireMember(database, actor, name);
  const organization = await findOrganization(database, name);
  if (organization === undefined) throw new GatehouseError('not_found', `There is no organization "${name}".`);
  return { data: organizationResource(database, organization, role) };
}

function requireSiteAdmin(actor: Actor): void {
  if (!actor.isSiteAdmin) throw new GatehouseError('forbidden', 'Only a site admin makes organizations.');
}
