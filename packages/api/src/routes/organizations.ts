import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import type { Database } from '../store/database.ts';
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
        'can-destroy': false,
        'can-create-workspace': isOwner,
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
        params: organizationParameter,
        body: requestDocument(z.strictObject({ email: email.optional(), ...ignored(tolerated) })),
        response: { 200: documentSchema(organizationSchema) },
      },
    },
    async ({ actor, params, body }) => {
      await requireOwner(database, actor, params.organization);
      const { email: address } = body.data.attributes;
      if (address !== undefined) {
        await changeOrganizationEmail(database, actor, params.organization, address, clock.now());
      }
      return readOrganization(database, actor, params.organization);
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
