import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, count, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { memberships, teamMembers, teams } from './schema/identity.ts';
import { dropServiceAccount, renameServiceAccount } from './service-accounts.ts';

export type Team = typeof teams.$inferSelect;
export type TeamSettings = Pick<Team, 'name' | 'visibility' | 'ssoTeamId' | 'allowMemberTokenManagement'>;

/** Made with each organization. Its members are the owners, its tokens act as one. */
export const ownersTeam = 'owners';

export function isOwnersTeam({ name }: Pick<Team, 'name'>): boolean {
  return name === ownersTeam;
}

/** Part of the transaction that makes the organization. */
export function insertOwnersTeam(transaction: Transaction, organization: string, now: Date): void {
  const settings = {
    name: ownersTeam,
    visibility: 'secret',
    ssoTeamId: null,
    allowMemberTokenManagement: false,
  } as const;
  transaction
    .insert(teams)
    .values({ ...settings, id: newId('team', now.getTime()), organization, createdAt: now })
    .run();
}

/** Throws `already_exists`. */
export async function insertTeam(
  database: Database,
  actor: Actor,
  input: { organization: string; settings: TeamSettings },
  now: Date,
): Promise<Team> {
  const { organization, settings } = input;
  const team = { ...settings, organization, id: newId('team', now.getTime()), createdAt: now };
  return inTransaction(database, (transaction) => {
    refuseTakenName(transaction, team);
    transaction.insert(teams).values(team).run();
    audit(transaction, actor, team, 'team.created', { name: team.name }, now);
    return team;
  });
}

export function findTeam(database: Database | Transaction, id: string): Team | undefined {
  return database.select().from(teams).where(eq(teams.id, id)).get();
}

export type TeamFilter = {
  names?: readonly string[] | undefined;
  query?: string | undefined;
  /** Only what this membership may see; undefined: all. */
  seenBy?: string | undefined;
};

/** By name. */
export async function listTeams(
  database: Database,
  organization: string,
  { names, query, seenBy }: TeamFilter,
  page: { limit: number; offset: number },
): Promise<{ teams: Team[]; totalCount: number }> {
  const conditions: (SQL | undefined)[] = [eq(teams.organization, organization)];
  if (names !== undefined) conditions.push(inArray(teams.name, [...names]));
  if (query !== undefined) conditions.push(sql`instr(lower(${teams.name}), ${query.toLowerCase()}) > 0`);
  if (seenBy !== undefined) {
    const own = database
      .select({ id: teamMembers.teamId })
      .from(teamMembers)
      .where(eq(teamMembers.membershipId, seenBy));
    conditions.push(or(eq(teams.visibility, 'organization'), inArray(teams.id, own)));
  }
  const where = and(...conditions);
  const [total] = database.select({ count: count() }).from(teams).where(where).all();
  const rows = database
    .select()
    .from(teams)
    .where(where)
    .orderBy(teams.name)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { teams: rows, totalCount: total?.count ?? 0 };
}

/** Throws `already_exists`. A new name is also that of the team's service account. */
export async function updateTeam(
  database: Database,
  actor: Actor,
  team: Team,
  settings: Partial<TeamSettings>,
  now: Date,
): Promise<Team> {
  const after = { ...team, ...settings };
  const changed = (['name', 'visibility', 'ssoTeamId', 'allowMemberTokenManagement'] as const).filter(
    (name) => after[name] !== team[name],
  );
  if (changed.length === 0) return team;
  return inTransaction(database, (transaction) => {
    if (after.name !== team.name) {
      refuseTakenName(transaction, after);
      renameServiceAccount(transaction, team.id, after.name);
    }
    transaction.update(teams).set(settings).where(eq(teams.id, team.id)).run();
    const changes = Object.fromEntries(changed.map((name) => [name, { before: team[name], after: after[name] }]));
    audit(transaction, actor, after, 'team.changed', { team: team.name, changes }, now);
    return after;
  });
}

/** With its tokens, which are refused from the next request on. */
export async function deleteTeam(database: Database, actor: Actor, team: Team, now: Date): Promise<void> {
  inTransaction(database, (transaction) => {
    dropServiceAccount(transaction, team.id);
    transaction.delete(teams).where(eq(teams.id, team.id)).run();
    audit(transaction, actor, team, 'team.deleted', { name: team.name }, now);
  });
}

/** Ids of the teams that a member is in; an owner is in `owners` too. */
export function teamsOfMembership(database: Database, membershipId: string): string[] {
  const joined = database
    .select({ id: teamMembers.teamId })
    .from(teamMembers)
    .where(eq(teamMembers.membershipId, membershipId));
  const owned = database
    .select({ id: teams.id })
    .from(teams)
    .innerJoin(memberships, eq(memberships.organization, teams.organization))
    .where(and(eq(memberships.id, membershipId), eq(memberships.role, 'owner'), eq(teams.name, ownersTeam)));
  return [...owned.all(), ...joined.all()].map(({ id }) => id);
}

function refuseTakenName(transaction: Transaction, { id, organization, name }: Team): void {
  const taken = transaction
    .select({ id: teams.id })
    .from(teams)
    .where(and(eq(teams.organization, organization), sql`lower(${teams.name}) = ${name.toLowerCase()}`))
    .get();
  if (taken === undefined || taken.id === id) return;
  throw new GatehouseError('already_exists', `There is a team "${name}" in ${organization} already.`, {
    pointer: '/data/attributes/name',
  });
}

function audit(
  transaction: Transaction,
  actor: Actor,
  { id, organization }: Team,
  action: string,
  details: Record<string, unknown>,
  at: Date,
): void {
  recordAudit(transaction, { organization, actor, action, targetType: 'teams', targetId: id, details, at });
}
