import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type Actor, isPerson } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findMembership, type Membership } from '../store/memberships.ts';
import { isInTeam } from '../store/team-members.ts';
import { findTeam, isOwnersTeam, type Team } from '../store/teams.ts';
import { requireOwner } from './authorize.ts';

/** The team, if the actor may see it: a secret one shows itself to owners and to its own members. Else `not_found`. */
export async function requireTeam(
  database: Database,
  actor: Actor,
  id: string,
): Promise<{ team: Team; membership: Membership }> {
  const team = findTeam(database, id);
  const membership = team && findMembership(database, team.organization, actor.userId);
  const isSeen =
    team !== undefined &&
    membership !== undefined &&
    (team.visibility === 'organization' || membership.role === 'owner' || isInTeam(database, team, actor.userId));
  if (!isSeen) throw new GatehouseError('not_found', `There is no team ${id} that you may see.`);
  return { team, membership };
}

/** Also throws `forbidden`: owners decide on teams. */
export async function requireOwnTeam(database: Database, actor: Actor, id: string): Promise<Team> {
  const { team } = await requireTeam(database, actor, id);
  await requireOwner(database, actor, team.organization);
  return team;
}

/** Owners, and, where the team allows it, the people in it: its tokens can do what each of them can. */
export function mayManageTokens(
  database: Database,
  actor: Actor,
  { team, membership }: { team: Team; membership: Membership },
): boolean {
  if (membership.role === 'owner') return true;
  if (isOwnersTeam(team) || !team.allowMemberTokenManagement || !isPerson(actor)) return false;
  return isInTeam(database, team, actor.userId);
}

export async function requireTokenManager(database: Database, actor: Actor, teamId: string): Promise<Team> {
  const found = await requireTeam(database, actor, teamId);
  if (!mayManageTokens(database, actor, found)) {
    throw new GatehouseError(
      'forbidden',
      `Only an owner of ${found.team.organization} manages tokens of ${found.team.name}.`,
    );
  }
  return found.team;
}
