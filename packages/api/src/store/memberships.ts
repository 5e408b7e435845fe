import { and, count, eq } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { type MemberRole, memberships, users } from './schema/identity.ts';

export type Membership = {
  id: string;
  organization: string;
  userId: string;
  username: string;
  role: MemberRole;
  createdAt: Date;
};

const columns = {
  id: memberships.id,
  organization: memberships.organization,
  userId: memberships.userId,
  username: users.username,
  role: memberships.role,
  createdAt: memberships.createdAt,
};

export function findMembership(
  database: Database | Transaction,
  organization: string,
  userId: string,
): Membership | undefined {
  return database
    .select(columns)
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.organization, organization), eq(memberships.userId, userId)))
    .get();
}

export async function findMembershipById(database: Database, id: string): Promise<Membership | undefined> {
  return database
    .select(columns)
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(memberships.id, id))
    .get();
}

export function ownerNames(database: Database | Transaction, organization: string): string[] {
  return database
    .select({ username: users.username })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.organization, organization), eq(memberships.role, 'owner')))
    .orderBy(users.username)
    .all()
    .map(({ username }) => username);
}

export async function listMemberships(
  database: Database,
  organization: string,
  page: { limit: number; offset: number },
): Promise<{ memberships: Membership[]; totalCount: number }> {
  const where = eq(memberships.organization, organization);
  const [total] = database.select({ count: count() }).from(memberships).where(where).all();
  const rows = database
    .select(columns)
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(where)
    .orderBy(users.username)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { memberships: rows, totalCount: total?.count ?? 0 };
}
