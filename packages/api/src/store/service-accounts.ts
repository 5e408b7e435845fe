import { newId } from '@gatehouse/shared/ids';
import { eq } from 'drizzle-orm';
import type { Transaction } from './database.ts';
import { apiTokens, type MemberRole, memberships, teams, users } from './schema/identity.ts';

// Users that are no people: tokens of a team or an organization act as them, and what they do bears their name. The
// prefixes are those of the TFE API; no person may have such a name (see `username` in routes/fields.ts).

export type ServiceAccount = {
  /** Id of the team, or external id of the organization. */
  of: string;
  kind: 'team' | 'organization';
  /** Of the team or the organization. */
  name: string;
  organization: string;
  role: MemberRole;
};

const prefixes = { team: 'api-team_', organization: 'api-org-' } as const;

/** Part of a transaction; makes the account when it is wanted for the first time. Returns its user's id. */
export function ensureServiceAccount(transaction: Transaction, account: ServiceAccount, now: Date): string {
  const found = findServiceAccount(transaction, account.of);
  if (found !== undefined) return found;
  const userId = newId('user', now.getTime());
  const username = prefixes[account.kind] + account.name;
  transaction.insert(users).values({ id: userId, username, serviceOf: account.of, createdAt: now }).run();
  const { organization, role } = account;
  const id = newId('membership', now.getTime());
  transaction.insert(memberships).values({ id, organization, userId, role, createdAt: now }).run();
  return userId;
}

/** The id of its user. */
export function findServiceAccount(transaction: Pick<Transaction, 'select'>, of: string): string | undefined {
  return transaction.select({ id: users.id }).from(users).where(eq(users.serviceOf, of)).get()?.id;
}

/** The team whose service account the user is; undefined of people, of organizations, and once the team is gone. */
export function teamBehind(
  database: Pick<Transaction, 'select'>,
  userId: string,
): { id: string; name: string } | undefined {
  return database
    .select({ id: teams.id, name: teams.name })
    .from(users)
    .innerJoin(teams, eq(teams.id, users.serviceOf))
    .where(eq(users.id, userId))
    .get();
}

/** Part of a transaction. What it did before keeps the name of that time. */
export function renameServiceAccount(transaction: Transaction, teamId: string, name: string): void {
  transaction
    .update(users)
    .set({ username: prefixes.team + name })
    .where(eq(users.serviceOf, teamId))
    .run();
}

/** Part of a transaction. Its runs stay, and so does its user, who can do nothing any more. */
export function dropServiceAccount(transaction: Transaction, of: string): void {
  const userId = findServiceAccount(transaction, of);
  if (userId === undefined) return;
  transaction.delete(apiTokens).where(eq(apiTokens.userId, userId)).run();
  transaction.delete(memberships).where(eq(memberships.userId, userId)).run();
}
