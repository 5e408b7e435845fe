import { newId } from '@gatehouse/shared/ids';
import { and, desc, eq, gt, lte, ne } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import type { Database, Transaction } from './database.ts';
import { users, webSessions } from './schema/identity.ts';

export type WebSession = Omit<typeof webSessions.$inferSelect, 'tokenHash'>;

const columns = {
  id: webSessions.id,
  userId: webSessions.userId,
  createdAt: webSessions.createdAt,
  lastUsedAt: webSessions.lastUsedAt,
  expiresAt: webSessions.expiresAt,
};

/** A use is noted once a minute at most. */
const lastUsedStepMs = 60_000;

/** Who is signed in with it, unless it is over; notes its use. */
export async function useWebSession(
  database: Database,
  tokenHash: string,
  now: Date,
): Promise<{ actor: Actor; sessionId: string } | undefined> {
  const found = database
    .select({ ...columns, username: users.username, isSiteAdmin: users.isSiteAdmin })
    .from(webSessions)
    .innerJoin(users, eq(users.id, webSessions.userId))
    .where(and(eq(webSessions.tokenHash, tokenHash), gt(webSessions.expiresAt, now)))
    .get();
  if (found === undefined) return undefined;
  if (now.getTime() - found.lastUsedAt.getTime() > lastUsedStepMs) {
    database.update(webSessions).set({ lastUsedAt: now }).where(eq(webSessions.id, found.id)).run();
  }
  const { userId, username, isSiteAdmin } = found;
  return { actor: { userId, username, isSiteAdmin, via: 'session' }, sessionId: found.id };
}

/** Part of the transaction that records the sign-in. Sessions that are over are dropped on the way. */
export function insertWebSession(
  transaction: Transaction,
  session: { userId: string; tokenHash: string; expiresAt: Date },
  now: Date,
): WebSession {
  transaction.delete(webSessions).where(lte(webSessions.expiresAt, now)).run();
  const row = { ...session, id: newId('session', now.getTime()), createdAt: now, lastUsedAt: now };
  transaction.insert(webSessions).values(row).run();
  const { tokenHash: _kept, ...shown } = row;
  return shown;
}

export async function listWebSessions(database: Database, userId: string, now: Date): Promise<WebSession[]> {
  return database
    .select(columns)
    .from(webSessions)
    .where(and(eq(webSessions.userId, userId), gt(webSessions.expiresAt, now)))
    .orderBy(desc(webSessions.lastUsedAt))
    .all();
}

/** False when the user has no such session. */
export async function deleteWebSession(database: Database, userId: string, id: string): Promise<boolean> {
  const { changes } = database
    .delete(webSessions)
    .where(and(eq(webSessions.id, id), eq(webSessions.userId, userId)))
    .run();
  return changes > 0;
}

/** Part of the change of a password: whoever else is signed in with the old one is signed out. */
export function deleteOtherWebSessions(
  transaction: Transaction,
  userId: string,
  keptSessionId: string | undefined,
): number {
  const where =
    keptSessionId === undefined
      ? eq(webSessions.userId, userId)
      : and(eq(webSessions.userId, userId), ne(webSessions.id, keptSessionId));
  return transaction.delete(webSessions).where(where).run().changes;
}

/** For answers that stay open after the request was let in. */
export function isOpenWebSession(database: Database, id: string, now: Date): boolean {
  const row = database
    .select({ id: webSessions.id })
    .from(webSessions)
    .where(and(eq(webSessions.id, id), gt(webSessions.expiresAt, now)))
    .get();
  return row !== undefined;
}
