import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { eq, inArray, sql } from 'drizzle-orm';
import { type AuditEntry, recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { users } from './schema/identity.ts';
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

/** Ids by name; names that nobody has are left out. */
export function idsOfUsers(database: Database, names: readonly string[]): Map<string, string> {
  const rows = database
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(inArray(users.username, [...new Set(names)]))
    .all();
  return new Map(rows.map(({ id, username }) => [username, id]));
}

/** Names are unique whatever their case, so that nobody passes for somebody else. */
export function findUserByName(database: Database | Transaction, username: string): User | undefined {
  return database.select().from(users).where(sql`lower(${users.username}) = ${username.toLowerCase()}`).get();
}

export type NewUser = { username: string; passwordHash: string | null; isSiteAdmin: boolean };

/** Part of the transaction that also says who made it. Throws `already_exists`. */
export function insertUser(
  transaction: Transaction,
  user: NewUser,
  by: Pick<AuditEntry, 'actor' | 'organization'>,
  now: Date,
): User {
  if (findUserByName(transaction, user.username) !== undefined) {
    throw new GatehouseError('already_exists', `There is a user "${user.username}" already.`, {
      pointer: '/data/attributes/username',
    });
  }
  const row = { ...user, id: newId('user', now.getTime()), createdAt: now };
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
