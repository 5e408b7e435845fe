import { z } from 'zod';
import type { Database } from '../store/database.ts';
import type { Membership } from '../store/memberships.ts';
import { memberRoles } from '../store/schema/identity.ts';
import { teamsOfMembership } from '../store/teams.ts';
import { findUser } from '../store/users.ts';
import { reference, references, resourceSchema, timestamp, timestampOf, toMany, toOne } from './json-api.ts';
import { userResource } from './user-resource.ts';

export const role = z.enum(memberRoles);

export const memberSchema = resourceSchema(
  'organization-memberships',
  { username: z.string(), email: z.string().nullable(), role, status: z.literal('active'), 'created-at': timestamp },
  {
    relationships: z.object({
      user: toOne('users'),
      organization: toOne('organizations'),
      teams: toMany('teams'),
    }),
  },
);

export function memberResource(database: Database, member: Membership) {
  return {
    id: member.id,
    type: 'organization-memberships' as const,
    attributes: {
      username: member.username,
      email: member.email,
      role: member.role,
      status: 'active' as const,
      'created-at': timestampOf(member.createdAt),
    },
    relationships: {
      user: reference('users', member.userId),
      organization: reference('organizations', member.organization),
      teams: references('teams', teamsOfMembership(database, member.id)),
    },
  };
}

/** `user` is included; of teams the references say enough. */
export async function includedOfMembers(
  database: Database,
  members: readonly Membership[],
  include: string | undefined,
): Promise<unknown[] | undefined> {
  if (include === undefined) return undefined;
  if (!include.split(',').includes('user')) return [];
  const users = await Promise.all(members.map(({ userId }) => findUser(database, userId)));
  return users.flatMap((user) => (user === undefined ? [] : [userResource(user)]));
}
