import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { type AuditEntry, recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { memberships, users } from './schema/identity.ts';
import { deleteOtherWebSessions } from './web-sessions.ts';

export type User = typeof users.$inferSelect;

export async function findUser(database: Database, id: string): Promise<User | undefined> {
  return database.select().from(users).where(eq(users.id, id)).get();
}

/** What everybody may know of them. In no order. */
export function namesOfUsers(database: Database, ids: readonly string[]): Pick<User, 'id' | 'username'>[] {
  return database
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(inArray(users.id, [...new Set(ids)]))
    .all();
}

/** Ids of people by their names; names that nobody has are left out, and service accounts, which share names. */
export function idsOfUsers(database: Database, names: readonly string[]): Map<string, string> {
  const rows = database
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(and(inArray(users.username, [...new Set(names)]), isNull(users.serviceOf)))
    .all();
  return new Map(rows.map(({ id, username }) => [username, id]));
}

/** The user, if it is the viewer or a member of an organization of theirs. Also a service account. */
export async function findUserSeenBy(database: Database, viewerId: string, id: string): Promise<User | undefined> {
  const theirs = database
    .select({ name: memberships.organization })
    .from(memberships)
    .where(eq(memberships.userId, viewerId));
  const shared = database
    .select({ id: memberships.userId })
    .from(memberships)
    .where(inArray(memberships.organization, theirs));
  return database
    .select()
    .from(users)
    .where(and(eq(users.id, id), or(eq(users.id, viewerId), inArray(users.id, shared))))
    .get();
}

/**
 * The person of that name, never a service account. Names are unique whatever their case, so that nobody passes for
 * somebody else.
 */
export function findUserByName(database: Database | Transaction, username: string): User | undefined {
  return database
    .select()
    .from(users)
    .where(and(sql`lower(${users.username}) = ${username.toLowerCase()}`, isNull(users.serviceOf)))
    .get();
}

/** The person with that address, whatever its case. */
export function findUserByEmail(database: Database | Transaction, email: string): User | undefined {
  return database.select().from(users).where(eq(users.email, email.toLowerCase())).get();
}

export type NewUser = {
  username: string;
  passwordHash: string | null;
  isSiteAdmin: boolean;
  /** Kept in small letters; undefined: none. */
  email?: string | undefined;
};

/** Part of the transaction that also says who made it. Throws `already_exists`. */
export function insertUser(
  transaction: Transaction,
  user: NewUser,
  by: Pick<AuditEntry, 'actor' | 'organization'>,
  now: Date,
): User {
  refuseTakenName(transaction, user.username, undefined);
  const email = user.email?.toLowerCase() ?? null;
  refuseTakenEmail(transaction, email, undefined);
  const row = { ...user, email, serviceOf: null, id: newId('user', now.getTime()), createdAt: now };
  transaction.insert(users).values(row).run();
  recordAudit(transaction, {
    ...by,
    action: 'user.created',
    targetType: 'users',
    targetId: row.id,
    details: { username: row.username, isSiteAdmin: row.isSiteAdmin },
    at: now,
  });
  return row;
}

/** Ends every other sign-in of the user: whoever knew the old password is out. Returns how many. */
export async function changePassword(
  database: Database,
  user: { userId: string; username: string },
  change: { passwordHash: string; keptSessionId: string | undefined },
  now: Date,
): Promise<number> {
  return inTransaction(database, (transaction) => {
    transaction.update(users).set({ passwordHash: change.passwordHash }).where(eq(users.id, user.userId)).run();
    const ended = deleteOtherWebSessions(transaction, user.userId, change.keptSessionId);
    recordAudit(transaction, {
      organization: null,
      actor: user,
      action: 'user.password_changed',
      targetType: 'users',
      targetId: user.userId,
      details: { sessionsEnded: ended },
      at: now,
    });
    return ended;
  });
}

/** Throws `already_exists`. The name in what was recorded before stays the old one. */
export async function changeUser(
  database: Database,
  actor: Pick<Actor, 'userId' | 'username'>,
  userId: string,
  change: { username?: string; email?: string },
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const before = transaction.select().from(users).where(eq(users.id, userId)).get();
    if (before === undefined) throw new GatehouseError('not_found', `There is no user ${userId}.`);
    const username = change.username ?? before.username;
    const email = change.email?.toLowerCase() ?? before.email;
    if (username === before.username && email === before.email) return;
    refuseTakenName(transaction, username, userId);
    refuseTakenEmail(transaction, email, userId);
    transaction.update(users).set({ username, email }).where(eq(users.id, userId)).run();
    recordAudit(transaction, {
      organization: null,
      actor,
      action: 'user.changed',
      targetType: 'users',
      targetId: userId,
      details: { before: { username: before.username, email: before.email }, after: { username, email } },
      at: now,
    });
  });
}

function refuseTakenName(transaction: Transaction, username: string, exceptId: string | undefined): void {
  const taken = findUserByName(transaction, username);
  if (taken === undefined || taken.id === exceptId) return;
  throw new GatehouseError('already_exists', `There is a user "${username}" already.`, {
    pointer: '/data/attributes/username',
  });
}

function refuseTakenEmail(transaction: Transaction, email: string | null, exceptId: string | undefined): void {
  if (email === null) return;
  const taken = findUserByEmail(transaction, email);
  if (taken === undefined || taken.id === exceptId) return;
  throw new GatehouseError('already_exists', `There is a user with the address ${email} already.`, {
    pointer: '/data/attributes/email',
  });
}
