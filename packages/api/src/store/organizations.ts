import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, count, eq, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { insertMembership } from './memberships.ts';
import { insertDefaultProject } from './projects.ts';
import { memberships, organizations } from './schema/identity.ts';
import { insertOwnersTeam } from './teams.ts';

export type Organization = typeof organizations.$inferSelect;

/** Its creator becomes its first owner. Throws `already_exists`; names are unique whatever their case. */
export async function createOrganization(
  database: Database,
  actor: Actor,
  input: { name: string; email: string },
  now: Date,
): Promise<Organization> {
  return inTransaction(database, (transaction) => {
    const taken = transaction
      .select({ name: organizations.name })
      .from(organizations)
      .where(sql`lower(${organizations.name}) = ${input.name.toLowerCase()}`)
      .get();
    if (taken !== undefined) {
      throw new GatehouseError('already_exists', `There is an organization "${input.name}" already.`, {
        pointer: '/data/attributes/name',
      });
    }
    const row = { ...input, externalId: newId('organization', now.getTime()), createdAt: now };
    transaction.insert(organizations).values(row).run();
    insertDefaultProject(transaction, row.name, now);
    recordAudit(transaction, {
      organization: row.name,
      actor,
      action: 'organization.created',
      targetType: 'organizations',
      targetId: row.name,
      at: now,
    });
    insertMembership(transaction, actor, { organization: row.name, user: actor, role: 'owner' }, now);
    insertOwnersTeam(transaction, row.name, now);
    return row;
  });
}

/** By the id that never changes. */
export async function findOrganizationByExternalId(
  database: Database,
  externalId: string,
): Promise<Organization | undefined> {
  return database.select().from(organizations).where(eq(organizations.externalId, externalId)).get();
}

export async function findOrganization(database: Database, name: string): Promise<Organization | undefined> {
  return database.select().from(organizations).where(eq(organizations.name, name)).get();
}

/** Those that the user is a member of, by name. `search`: part of the name, whatever its case. */
export async function listOrganizations(
  database: Database,
  userId: string,
  page: { limit: number; offset: number },
  search?: string,
): Promise<{ organizations: Organization[]; totalCount: number }> {
  const isNamed = search ? sql`instr(lower(${memberships.organization}), ${search.toLowerCase()}) > 0` : undefined;
  const where = and(eq(memberships.userId, userId), isNamed);
  const [total] = database.select({ count: count() }).from(memberships).where(where).all();
  const rows = database
    .select({
      name: organizations.name,
      externalId: organizations.externalId,
      email: organizations.email,
      createdAt: organizations.createdAt,
    })
    .from(organizations)
    .innerJoin(memberships, eq(memberships.organization, organizations.name))
    .where(where)
    .orderBy(organizations.name)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { organizations: rows, totalCount: total?.count ?? 0 };
}

export async function changeOrganizationEmail(
  database: Database,
  actor: Actor,
  name: string,
  email: string,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    transaction.update(organizations).set({ email }).where(eq(organizations.name, name)).run();
    recordAudit(transaction, {
      organization: name,
      actor,
      action: 'organization.email_changed',
      targetType: 'organizations',
      targetId: name,
      details: { email },
      at: now,
    });
  });
}

/** Those that the user is a member of, by name only. */
export function organizationsOfMember(database: Database, userId: string): string[] {
  return database
    .select({ name: memberships.organization })
    .from(memberships)
    .where(eq(memberships.userId, userId))
    .all()
    .map(({ name }) => name);
}

export function ownedOrganizations(database: Database, userId: string): string[] {
  return database
    .select({ name: memberships.organization })
    .from(memberships)
    .where(and(eq(memberships.userId, userId), eq(memberships.role, 'owner')))
    .orderBy(memberships.organization)
    .all()
    .map(({ name }) => name);
}

/** The name of the one organization that there is; null where there are several. */
export function soleOrganization(database: Database | Transaction): string | null {
  const [first, second] = database.select({ name: organizations.name }).from(organizations).limit(2).all();
  return first !== undefined && second === undefined ? first.name : null;
}
