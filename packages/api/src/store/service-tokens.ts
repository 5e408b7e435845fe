import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { and, count, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { type Database, inTransaction } from './database.ts';
import { apiTokens, teams, users } from './schema/identity.ts';
import { ensureServiceAccount, findServiceAccount, type ServiceAccount } from './service-accounts.ts';
import { type ApiToken, addApiToken, dropApiToken } from './tokens.ts';

// Tokens of teams and organizations. One without a description is *the* token of its holder, as clients of old know it:
// a new one takes its place. Those with a description stand beside it.

const columns = {
  id: apiTokens.id,
  userId: apiTokens.userId,
  description: apiTokens.description,
  createdAt: apiTokens.createdAt,
  lastUsedAt: apiTokens.lastUsedAt,
  expiresAt: apiTokens.expiresAt,
};

/** `description` empty: replaces the one that there is. Throws `already_exists` for a description that is taken. */
export async function insertServiceToken(
  database: Database,
  actor: Actor,
  account: ServiceAccount,
  token: { description: string; tokenHash: string; expiresAt: Date | null },
  now: Date,
): Promise<ApiToken> {
  return inTransaction(database, (transaction) => {
    const userId = ensureServiceAccount(transaction, account, now);
    const of = { organization: account.organization, holder: account.name };
    const same = transaction
      .select({ id: apiTokens.id })
      .from(apiTokens)
      .where(and(eq(apiTokens.userId, userId), eq(apiTokens.description, token.description)))
      .get();
    if (same !== undefined && token.description !== '') {
      // go-tfe looks for this sentence.
      throw new GatehouseError('already_exists', 'Validation failed: Description has already been taken', {
        pointer: '/data/attributes/description',
      });
    }
    if (same !== undefined) dropApiToken(transaction, actor, same.id, now, of);
    return addApiToken(transaction, actor, { ...token, userId }, now, of);
  });
}

/** The one without a description. `of`: id of the team, or external id of the organization. */
export async function findServiceToken(database: Database, of: string): Promise<ApiToken | undefined> {
  const userId = findServiceAccount(database, of);
  if (userId === undefined) return undefined;
  return database
    .select(columns)
    .from(apiTokens)
    .where(and(eq(apiTokens.userId, userId), eq(apiTokens.description, '')))
    .get();
}

/** All of one team, or of all teams of an organization, the newest first. `query`: part of a team's name. */
export async function listTeamTokens(
  database: Database,
  filter: { organization: string; teamId?: string | undefined; query?: string | undefined },
  page: { limit: number; offset: number },
): Promise<{ tokens: (ApiToken & { teamId: string })[]; totalCount: number }> {
  const conditions: (SQL | undefined)[] = [eq(teams.organization, filter.organization)];
  if (filter.teamId !== undefined) conditions.push(eq(teams.id, filter.teamId));
  if (filter.query !== undefined) conditions.push(sql`instr(lower(${teams.name}), ${filter.query.toLowerCase()}) > 0`);
  const where = and(...conditions);
  const joined = () => eq(users.serviceOf, teams.id);
  const [total] = database
    .select({ count: count() })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .innerJoin(teams, joined())
    .where(where)
    .all();
  const tokens = database
    .select({ ...columns, teamId: teams.id })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .innerJoin(teams, joined())
    .where(where)
    .orderBy(desc(apiTokens.createdAt), desc(apiTokens.id))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { tokens, totalCount: total?.count ?? 0 };
}
