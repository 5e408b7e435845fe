import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, count, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { dropIdentityOfMember } from './aws-identities.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { given, prepared } from './prepared.ts';
import { type MemberRole, memberships, users } from './schema/identity.ts';

export type Membership = {
  id: string;
  organization: string;
  userId: string;
  username: string;
  role: MemberRole;
  /** Null: none is known. */
  email: string | null;
  createdAt: Date;
};

const columns = {
  id: memberships.id,
  organization: memberships.organization,
  userId: memberships.userId,
  username: users.username,
  email: users.email,
  role: memberships.role,
  createdAt: memberships.createdAt,
};

/** Service accounts are members that nobody sees, changes or counts as an owner. */
const ofPeople = isNull(users.serviceOf);

const inOrganization = eq(memberships.organization, given('organization', memberships.organization));
const ofUser = prepared((database) =>
  database
    .select(columns)
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(inOrganization, eq(memberships.userId, given('userId', memberships.userId))))
    .prepare(),
);

/** Also of a service account: what its tokens may do. */
export function findMembership(
  database: Database | Transaction,
  organization: string,
  userId: string,
): Membership | undefined {
  return ofUser(database).get({ organization, userId });
}

export async function findMembershipById(database: Database, id: string): Promise<Membership | undefined> {
  return database
    .select(columns)
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.id, id), ofPeople))
    .get();
}

export function ownerNames(database: Database | Transaction, organization: string): string[] {
  return database
    .select({ username: users.username })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.organization, organization), eq(memberships.role, 'owner'), ofPeople))
    .orderBy(users.username)
    .all()
    .map(({ username }) => username);
}

const namesOfPeople = prepared((database) =>
  database
    .select({ username: users.username })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(inOrganization, ofPeople))
    .orderBy(users.username)
    .prepare(),
);

/** Who belongs to the organization, by name. */
export function memberNames(database: Database | Transaction, organization: string): string[] {
  return namesOfPeople(database)
    .all({ organization })
    .map(({ username }) => username);
}

export type MemberFilter = { emails?: readonly string[] | undefined; query?: string | undefined };

export async function listMemberships(
  database: Database,
  organization: string,
  page: { limit: number; offset: number },
  filter: MemberFilter = {},
): Promise<{ memberships: Membership[]; totalCount: number }> {
  const { emails, query } = filter;
  const where = and(
    eq(memberships.organization, organization),
    ofPeople,
    emails && inArray(users.email, [...emails]),
    query === undefined ? undefined : or(contains(users.username, query), contains(users.email, query)),
  );
  const members = () => eq(users.id, memberships.userId);
  const [total] = database.select({ count: count() }).from(memberships).innerJoin(users, members()).where(where).all();
  const rows = database
    .select(columns)
    .from(memberships)
    .innerJoin(users, members())
    .where(where)
    .orderBy(users.username)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { memberships: rows, totalCount: total?.count ?? 0 };
}

/** Without the wildcards of LIKE. */
function contains(column: SQLiteColumn, text: string): SQL {
  return sql`instr(lower(${column}), ${text.toLowerCase()}) > 0`;
}

/** Part of a transaction. Throws `already_exists` when the user is a member. */
export function insertMembership(
  transaction: Transaction,
  actor: Pick<Actor, 'userId' | 'username'>,
  member: {
    organization: string;
    user: { userId: string; username: string; email?: string | null };
    role: MemberRole;
  },
  now: Date,
): Membership {
  const { organization, role } = member;
  const { userId, username } = member.user;
  if (findMembership(transaction, organization, userId) !== undefined) {
    throw new GatehouseError('already_exists', `${username} is a member of ${organization} already.`, {
      pointer: '/data/attributes/username',
    });
  }
  const row = { id: newId('membership', now.getTime()), organization, userId, role, createdAt: now };
  transaction.insert(memberships).values(row).run();
  recordAudit(transaction, {
    organization,
    actor,
    action: 'member.added',
    targetType: 'organization-memberships',
    targetId: row.id,
    details: { username, role },
    at: now,
  });
  announceMembers(transaction, { organization }, now);
  return { ...row, username, email: member.user.email ?? null };
}

/** Throws `conflict` when it would leave the organization without an owner. */
export async function changeRole(
  database: Database,
  actor: Actor,
  membership: Membership,
  role: MemberRole,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => setRole(transaction, actor, membership, role, now));
}

/** Part of a transaction; otherwise as `changeRole`. */
export function setRole(
  transaction: Transaction,
  actor: Pick<Actor, 'userId' | 'username'>,
  membership: Membership,
  role: MemberRole,
  now: Date,
): void {
  if (role !== 'owner') refuseForLastOwner(transaction, membership);
  transaction.update(memberships).set({ role }).where(eq(memberships.id, membership.id)).run();
  recordAudit(transaction, {
    organization: membership.organization,
    actor,
    action: 'member.role_changed',
    targetType: 'organization-memberships',
    targetId: membership.id,
    details: { username: membership.username, before: membership.role, after: role },
    at: now,
  });
  announceMembers(transaction, membership, now);
}

/** Throws `conflict` when it would leave the organization without an owner. */
export async function deleteMembership(
  database: Database,
  actor: Actor,
  membership: Membership,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    refuseForLastOwner(transaction, membership);
    dropIdentityOfMember(transaction, actor, membership, now);
    transaction.delete(memberships).where(eq(memberships.id, membership.id)).run();
    recordAudit(transaction, {
      organization: membership.organization,
      actor,
      action: 'member.removed',
      targetType: 'organization-memberships',
      targetId: membership.id,
      details: { username: membership.username, role: membership.role },
      at: now,
    });
    announceMembers(transaction, membership, now);
  });
}

function announceMembers(transaction: Transaction, { organization }: { organization: string }, at: Date): void {
  announceSettingsChange(transaction, { organization, workspaceId: null, workspace: null }, at);
}

function refuseForLastOwner(transaction: Transaction, { organization, username }: Membership): void {
  const owners = ownerNames(transaction, organization);
  if (owners.length === 1 && owners[0] === username) {
    throw new GatehouseError(
      'conflict',
      `${username} is the last owner of ${organization}. Make another member an owner first.`,
    );
  }
}
