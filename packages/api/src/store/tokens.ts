import { newId } from '@gatehouse/shared/ids';
import { and, count, desc, eq, gt, isNull, or } from 'drizzle-orm';
import { type Actor, viaToken } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { given, prepared } from './prepared.ts';
import { apiTokens, users } from './schema/identity.ts';

export type ApiToken = Omit<typeof apiTokens.$inferSelect, 'tokenHash'>;

const columns = {
  id: apiTokens.id,
  userId: apiTokens.userId,
  description: apiTokens.description,
  createdAt: apiTokens.createdAt,
  lastUsedAt: apiTokens.lastUsedAt,
  expiresAt: apiTokens.expiresAt,
};

/** A use is noted once a minute at most, so that a polling client does not write with every request. */
const lastUsedStepMs = 60_000;

const withUser = prepared((database) =>
  database
    .select({ ...columns, username: users.username, isSiteAdmin: users.isSiteAdmin, serviceOf: users.serviceOf })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(eq(apiTokens.tokenHash, given('tokenHash', apiTokens.tokenHash)))
    .prepare(),
);

/** Whose token it is, expired or not; notes its use. */
export async function useApiToken(
  database: Database,
  tokenHash: string,
  now: Date,
): Promise<{ actor: Actor; expiresAt: Date | null } | undefined> {
  const found = withUser(database).get({ tokenHash });
  if (found === undefined) return undefined;
  if (found.lastUsedAt === null || now.getTime() - found.lastUsedAt.getTime() > lastUsedStepMs) {
    database.update(apiTokens).set({ lastUsedAt: now }).where(eq(apiTokens.id, found.id)).run();
  }
  const { userId, username, isSiteAdmin, serviceOf, expiresAt } = found;
  return { actor: { userId, username, isSiteAdmin, via: viaToken(serviceOf) }, expiresAt };
}

/** For answers that stay open after the request was let in. */
export function isGoodApiToken(database: Database, tokenHash: string, now: Date): boolean {
  const row = database
    .select({ id: apiTokens.id })
    .from(apiTokens)
    .where(and(eq(apiTokens.tokenHash, tokenHash), or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, now))))
    .get();
  return row !== undefined;
}

export type NewApiToken = { userId: string; description: string; tokenHash: string; expiresAt: Date | null };

export async function insertApiToken(
  database: Database,
  actor: Pick<Actor, 'userId' | 'username'>,
  token: NewApiToken,
  now: Date,
): Promise<ApiToken> {
  return inTransaction(database, (transaction) => addApiToken(transaction, actor, token, now));
}

/** Part of a transaction. `of`: the organization whose token it is, or one of whose teams'; null: a person's. */
export function addApiToken(
  transaction: Transaction,
  actor: Pick<Actor, 'userId' | 'username'>,
  token: NewApiToken,
  now: Date,
  of: { organization: string | null; holder?: string } = { organization: null },
): ApiToken {
  const row = { ...token, id: newId('token', now.getTime()), createdAt: now, lastUsedAt: null };
  transaction.insert(apiTokens).values(row).run();
  const { organization, holder } = of;
  const details = { description: row.description, expiresAt: row.expiresAt?.toISOString() ?? null };
  recordAudit(transaction, {
    organization,
    actor,
    action: 'token.created',
    targetType: 'authentication-tokens',
    targetId: row.id,
    details: holder === undefined ? details : { ...details, holder },
    at: now,
  });
  const { tokenHash: _kept, ...shown } = row;
  return shown;
}

export async function listApiTokens(
  database: Database,
  userId: string,
  page: { limit: number; offset: number },
): Promise<{ tokens: ApiToken[]; totalCount: number }> {
  const where = eq(apiTokens.userId, userId);
  const [total] = database.select({ count: count() }).from(apiTokens).where(where).all();
  const tokens = database
    .select(columns)
    .from(apiTokens)
    .where(where)
    .orderBy(desc(apiTokens.createdAt))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { tokens, totalCount: total?.count ?? 0 };
}

/** With the team or organization that it is of, if it is no person's. */
export async function findApiToken(
  database: Database,
  id: string,
): Promise<(ApiToken & { serviceOf: string | null }) | undefined> {
  return database
    .select({ ...columns, serviceOf: users.serviceOf })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(eq(apiTokens.id, id))
    .get();
}

/** False when it is gone already. `of` as in `addApiToken`. */
export async function deleteApiToken(
  database: Database,
  actor: Actor,
  id: string,
  now: Date,
  of: { organization: string | null; holder?: string } = { organization: null },
): Promise<boolean> {
  return inTransaction(database, (transaction) => dropApiToken(transaction, actor, id, now, of));
}

/** Part of a transaction. */
export function dropApiToken(
  transaction: Transaction,
  actor: Pick<Actor, 'userId' | 'username'>,
  id: string,
  now: Date,
  { organization, holder }: { organization: string | null; holder?: string },
): boolean {
  const { changes } = transaction.delete(apiTokens).where(eq(apiTokens.id, id)).run();
  if (changes === 0) return false;
  recordAudit(transaction, {
    organization,
    actor,
    action: 'token.deleted',
    targetType: 'authentication-tokens',
    targetId: id,
    details: holder === undefined ? {} : { holder },
    at: now,
  });
  return true;
}
