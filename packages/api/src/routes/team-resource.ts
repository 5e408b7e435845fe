import { z } from 'zod';
import type { Database } from '../store/database.ts';
import type { Membership } from '../store/memberships.ts';
import { teamVisibilities } from '../store/schema/identity.ts';
import { membersOfTeam } from '../store/team-members.ts';
import { isOwnersTeam, type Team } from '../store/teams.ts';
import { findUser } from '../store/users.ts';
import { reference, references, resourceSchema, toMany, toOne } from './json-api.ts';
import { memberResource } from './member-resource.ts';
import { userResource } from './user-resource.ts';

/** What go-tfe knows of a team's rights on its organization. There are two roles here: owners have all, others none. */
export const ownersAccess = [
  'manage-policies',
  'manage-policy-overrides',
  'delegate-policy-overrides',
  'manage-workspaces',
  'manage-vcs-settings',
  'manage-providers',
  'manage-modules',
  'manage-run-tasks',
  'manage-projects',
  'manage-membership',
  'manage-teams',
  'manage-organization-access',
  'access-secret-teams',
  'manage-agent-pools',
] as const;
export const membersAccess = ['read-workspaces', 'read-projects'] as const;

const accessShape = Object.fromEntries([...ownersAccess, ...membersAccess].map((name) => [name, z.boolean()]));

export const teamSchema = resourceSchema(
  'teams',
  {
    name: z.string(),
    'users-count': z.int(),
    visibility: z.enum(teamVisibilities),
    'sso-team-id': z.string().nullable(),
    'allow-member-token-management': z.boolean(),
    'is-unified': z.boolean(),
    'organization-access': z.object(accessShape),
    permissions: z.object({
      'can-destroy': z.boolean(),
      'can-update-membership': z.boolean(),
      'can-update-organization-access': z.boolean(),
    }),
  },
  {
    relationships: z.object({
      organization: toOne('organizations'),
      users: toMany('users'),
      'organization-memberships': toMany('organization-memberships'),
    }),
  },
);

/** As the one with `viewer` sees it. */
export function teamResource(database: Database, team: Team, viewer: Pick<Membership, 'role'>) {
  const members = membersOfTeam(database, team);
  const isOwners = isOwnersTeam(team);
  const isOwner = viewer.role === 'owner';
  return {
    id: team.id,
    type: 'teams' as const,
    attributes: {
      name: team.name,
      'users-count': members.length,
      visibility: team.visibility,
      'sso-team-id': team.ssoTeamId,
      'allow-member-token-management': team.allowMemberTokenManagement,
      'is-unified': false,
      'organization-access': Object.fromEntries([
        ...ownersAccess.map((name) => [name, isOwners]),
        ...membersAccess.map((name) => [name, true]),
      ]),
      permissions: {
        'can-destroy': isOwner && !isOwners,
        'can-update-membership': isOwner,
        'can-update-organization-access': false,
      },
    },
    relationships: {
      organization: reference('organizations', team.organization),
      users: references(
        'users',
        members.map(({ userId }) => userId),
      ),
      'organization-memberships': references(
        'organization-memberships',
        members.map(({ id }) => id),
      ),
    },
  };
}

/** `users` and `organization-memberships` are included; whatever else clients ask for has nothing to include. */
export async function includedOfTeams(
  database: Database,
  teams: readonly Team[],
  include: string | undefined,
): Promise<unknown[] | undefined> {
  if (include === undefined) return undefined;
  const names = include.split(',').map((name) => name.trim());
  const members = new Map(teams.flatMap((team) => membersOfTeam(database, team)).map((member) => [member.id, member]));
  const included: unknown[] = [];
  for (const member of members.values()) {
    if (names.includes('organization-memberships')) included.push(memberResource(database, member));
    const user = names.includes('users') ? await findUser(database, member.userId) : undefined;
    if (user !== undefined) included.push(userResource(user));
  }
  return included;
}
