import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { and, count, eq, inArray, isNull } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { findMembership, type Membership, setRole } from './memberships.ts';
import { memberships, teamMembers, users } from './schema/identity.ts';
import { isOwnersTeam, type Team } from './teams.ts';
import { findUserByName } from './users.ts';

/** Who is in the team, by name: people only. */
export function membersOfTeam(database: Database | Transaction, team: Team): Membership[] {
  return database
    .select({
      id: memberships.id,
      organization: memberships.organization,
      userId: memberships.userId,
      username: users.username,
      email: users.email,
      role: memberships.role,
      createdAt: memberships.createdAt,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(isIn(database, team))
    .orderBy(users.username)
    .all();
}

export function countTeamMembers(database: Database, team: Team): number {
  const [row] = database
    .select({ count: count() })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(isIn(database, team))
    .all();
  return row?.count ?? 0;
}

function isIn(database: Database | Transaction, team: Team) {
  const joined = database
    .select({ id: teamMembers.membershipId })
    .from(teamMembers)
    .where(eq(teamMembers.teamId, team.id));
  return and(
    eq(memberships.organization, team.organization),
    isNull(users.serviceOf),
    isOwnersTeam(team) ? eq(memberships.role, 'owner') : inArray(memberships.id, joined),
  );
}

/** Ids of memberships, or names or ids of users, as clients send either. */
export type TeamMemberIds = { kind: 'users' | 'organization-memberships'; ids: readonly string[] };

/** To be in `owners` is to be an owner. All or none; throws `invalid_request` for who is no member of the organization. */
export async function addToTeam(
  database: Database,
  actor: Actor,
  team: Team,
  given: TeamMemberIds,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const already = new Set(membersOfTeam(transaction, team).map(({ id }) => id));
    for (const membership of requireMemberships(transaction, team, given)) {
      if (already.has(membership.id)) continue;
      addMember(transaction, actor, team, membership, now);
    }
  });
}

/** Part of a transaction. */
export function addMember(transaction: Transaction, actor: Actor, team: Team, membership: Membership, now: Date): void {
  if (isOwnersTeam(team)) {
    if (membership.role !== 'owner') setRole(transaction, actor, membership, 'owner', now);
    return;
  }
  const row = { teamId: team.id, membershipId: membership.id };
  transaction.insert(teamMembers).values(row).onConflictDoNothing().run();
  audit(transaction, actor, team, 'team.member_added', membership, now);
}

/** Throws `conflict` when the last owner would go. */
export async function removeFromTeam(
  database: Database,
  actor: Actor,
  team: Team,
  given: TeamMemberIds,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const inTeam = new Set(membersOfTeam(transaction, team).map(({ id }) => id));
    for (const membership of requireMemberships(transaction, team, given)) {
      if (!inTeam.has(membership.id)) continue;
      if (isOwnersTeam(team)) {
        setRole(transaction, actor, membership, 'member', now);
        continue;
      }
      transaction
        .delete(teamMembers)
        .where(and(eq(teamMembers.teamId, team.id), eq(teamMembers.membershipId, membership.id)))
        .run();
      audit(transaction, actor, team, 'team.member_removed', membership, now);
    }
  });
}

function requireMemberships(transaction: Transaction, team: Team, { kind, ids }: TeamMemberIds): Membership[] {
  return ids.map((id) => {
    const userId = kind === 'users' ? (findUserByName(transaction, id)?.id ?? id) : userOfMembership(transaction, id);
    const membership = userId === undefined ? undefined : findMembership(transaction, team.organization, userId);
    if (membership !== undefined && isPersons(transaction, membership)) return membership;
    throw new GatehouseError('invalid_request', `${id.slice(0, 100)} is no member of ${team.organization}.`, {
      pointer: '/data',
    });
  });
}

function userOfMembership(transaction: Transaction, id: string): string | undefined {
  return transaction.select({ userId: memberships.userId }).from(memberships).where(eq(memberships.id, id)).get()
    ?.userId;
}

function isPersons(transaction: Transaction, { userId }: Membership): boolean {
  const row = transaction.select({ serviceOf: users.serviceOf }).from(users).where(eq(users.id, userId)).get();
  return row?.serviceOf === null;
}

function audit(
  transaction: Transaction,
  actor: Actor,
  { id, name, organization }: Team,
  action: string,
  { username }: Membership,
  at: Date,
): void {
  const details = { team: name, username };
  recordAudit(transaction, { organization, actor, action, targetType: 'teams', targetId: id, details, at });
}

/** Whether the user is in the team. */
export function isInTeam(database: Database, team: Team, userId: string): boolean {
  const row = database
    .select({ id: memberships.id })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(isIn(database, team), eq(memberships.userId, userId)))
    .get();
  return row !== undefined;
}
