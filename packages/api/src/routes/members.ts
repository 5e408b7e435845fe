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
import { commaList, idParameter, newPassword, organizationParameter, username } from './fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument, toMany } from './json-api.ts';
import { includedOfMembers, memberResource, memberSchema, role } from './member-resource.ts';

const include = z.string().max(500).optional();

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
        querystring: pageQuery.extend({
          'filter[email]': commaList,
          'filter[status]': z.string().max(20).optional(),
          q: z.string().max(100).optional(),
          include,
        }),
        response: { 200: listSchema(memberSchema) },
      },
    },
    async ({ actor, params, query }) => {
      await requireMember(database, actor, params.organization);
      const emails = query['filter[email]']?.map((address) => address.toLowerCase());
      // Nobody is merely invited: who is added is a member at once.
      const filter = query['filter[status]'] === 'invited' ? { emails: [] } : { emails, query: query.q };
      const page = pageOf(query);
      const { memberships, totalCount } = await listMemberships(database, params.organization, page, filter);
      const data = memberships.map((member) => memberResource(database, member));
      const document = listDocument(data, totalCount, query);
      const included = await includedOfMembers(database, memberships, query.include);
      return included === undefined ? document : { ...document, included };
    },
  );

  app.post(
    '/organizations/:organization/organization-memberships',
    {
      schema: {
        tags: ['Members'],
        summary: 'Add a member',
        description:
          'By `username`, or by `email` where a site admin has set it. With `username` and `password` a new user is made, by a site admin with an `email` too. The team `owners` makes an owner.',
        params: organizationParameter,
        body: requestDocument(
          z.strictObject({
            username: username.optional(),
            email: z.email().max(200).optional(),
            role: role.default('member'),
            password: newPassword.optional(),
          }),
          z.object({ teams: toMany('teams').optional() }).optional(),
        ),
        response: { 201: documentSchema(memberSchema) },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { attributes, relationships } = body.data;
      const member = await inviteMember(dependencies, actor, {
        organization: params.organization,
        who: invited(attributes),
        role: attributes.role,
        password: attributes.password,
        email: attributes.email,
        teams: relationships?.teams?.data.map(({ id }) => id) ?? [],
      });
      return reply.status(201).send({ data: memberResource(database, member) });
    },
  );

  app.get(
    '/organization-memberships/:id',
    {
      schema: {
        tags: ['Members'],
        summary: 'One member',
        params: idParameter,
        querystring: z.object({ include }),
        response: { 200: documentSchema(memberSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const member = await visibleMember(database, actor, params.id);
      const included = await includedOfMembers(database, [member], query.include);
      const document = { data: memberResource(database, member) };
      return included === undefined ? document : { ...document, included };
    },
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
      return { data: memberResource(database, { ...member, role: newRole }) };
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

function invited({ username: name, email }: { username?: string | undefined; email?: string | undefined }) {
  if (name !== undefined) return { username: name };
  if (email !== undefined) return { email };
  throw new GatehouseError('invalid_request', 'Say who: username, or email.', { pointer: '/data/attributes/username' });
}
