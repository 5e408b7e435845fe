import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import { inviteMember } from '../services/invite-member.ts';
import type { Database } from '../store/database.ts';
import {
  changeRole,
  deleteMembership,
  findMembership,
  findMembershipById,
  listMemberships,
  type Membership,
} from '../store/memberships.ts';
import { memberRoles } from '../store/schema/identity.ts';
import { idParameter, newPassword, organizationParameter, username } from './fields.ts';
import {
  documentSchema,
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

const role = z.enum(memberRoles);

const memberSchema = resourceSchema(
  'organization-memberships',
  { username: z.string(), role, status: z.literal('active'), 'created-at': timestamp },
  { relationships: z.object({ user: toOne('users'), organization: toOne('organizations') }) },
);

function memberResource(member: Membership) {
  return {
    id: member.id,
    type: 'organization-memberships' as const,
    attributes: {
      username: member.username,
      role: member.role,
      status: 'active' as const,
      'created-at': timestampOf(member.createdAt),
    },
    relationships: {
      user: reference('users', member.userId),
      organization: reference('organizations', member.organization),
    },
  };
}

/** Who belongs to an organization. Members see one another; owners decide. */
export const memberRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (app, dependencies) => {
  const { database, clock } = dependencies;
  app.get(
    '/organizations/:organization/organization-memberships',
    {
      schema: {
        tags: ['Members'],
        summary: 'The members of an organization',
        params: organizationParameter,
        querystring: pageQuery,
        response: { 200: listSchema(memberSchema) },
      },
    },
    async ({ actor, params, query }) => {
      await requireMember(database, actor, params.organization);
      const { memberships, totalCount } = await listMemberships(database, params.organization, pageOf(query));
      return listDocument(memberships.map(memberResource), totalCount, query);
    },
  );

  app.post(
    '/organizations/:organization/organization-memberships',
    {
      schema: {
        tags: ['Members'],
        summary: 'Add a member',
        description: 'With `password` a new user is made, without it an existing one is added.',
        params: organizationParameter,
        body: requestDocument(
          z.strictObject({ username, role: role.default('member'), password: newPassword.optional() }),
        ),
        response: { 201: documentSchema(memberSchema) },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { attributes } = body.data;
      const { organization } = params;
      const member = await inviteMember(dependencies, actor, {
        ...attributes,
        organization,
        password: attributes.password,
      });
      return reply.status(201).send({ data: memberResource(member) });
    },
  );

  app.get(
    '/organization-memberships/:id',
    {
      schema: {
        tags: ['Members'],
        summary: 'One member',
        params: idParameter,
        response: { 200: documentSchema(memberSchema) },
      },
    },
    async ({ actor, params }) => ({ data: memberResource(await visibleMember(database, actor, params.id)) }),
  );

  app.patch(
    '/organization-memberships/:id',
    {
      schema: {
        tags: ['Members'],
        summary: "Change a member's role",
        params: idParameter,
        body: requestDocument(z.strictObject({ role })),
        response: { 200: documentSchema(memberSchema) },
      },
    },
    async ({ actor, params, body }) => {
      const member = await visibleMember(database, actor, params.id);
      await requireOwner(database, actor, member.organization);
      const { role: newRole } = body.data.attributes;
      if (newRole !== member.role) await changeRole(database, actor, member, newRole, clock.now());
      return { data: memberResource({ ...member, role: newRole }) };
    },
  );

  app.delete(
    '/organization-memberships/:id',
    {
      schema: {
        tags: ['Members'],
        summary: 'Remove a member, or leave',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      const member = await visibleMember(database, actor, params.id);
      if (member.userId !== actor.userId) await requireOwner(database, actor, member.organization);
      await deleteMembership(database, actor, member, clock.now());
      return reply.status(204).send(null);
    },
  );
};

async function visibleMember(database: Database, actor: Actor, id: string): Promise<Membership> {
  const member = await findMembershipById(database, id);
  if (member === undefined || findMembership(database, member.organization, actor.userId) === undefined) {
    throw new GatehouseError('not_found', `There is no membership ${id} that you may see.`);
  }
  return member;
}
