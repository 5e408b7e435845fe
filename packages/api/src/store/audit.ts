import { newId } from '@gatehouse/shared/ids';
import { and, count, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import type { Database, Transaction } from './database.ts';
import { auditRecords } from './schema/identity.ts';

export type AuditEntry = {
  /** Null for what belongs to no organization, such as a sign-in. */
  organization: string | null;
  /** `{ userId: null, username: 'gatehouse' }` for what Gatehouse does by itself. */
  actor: Pick<Actor, 'username'> & { userId: string | null };
  /** `<noun>.<verb in the past>`: `workspace.mfa_level_changed`. */
  action: string;
  targetType: string;
  targetId: string;
  /** Never a secret. */
  details?: Record<string, unknown>;
  at: Date;
};

export type AuditRecord = typeof auditRecords.$inferSelect;

/** Part of the transaction of the change that it records: there is no change without its record. */
export function recordAudit(transaction: Transaction, entry: AuditEntry): void {
  transaction
    .insert(auditRecords)
    .values({
      id: newId('auditRecord', entry.at.getTime()),
      organization: entry.organization,
      at: entry.at,
      actorId: entry.actor.userId,
      actorName: entry.actor.username,
      action: entry.action,
      targetType: entry.targetType,
      targetId: entry.targetId,
      details: entry.details ?? {},
    })
    .run();
}

export type AuditFilter = { action?: string | undefined; actor?: string | undefined; run?: string | undefined };

/** Newest first. `run` finds what happened to a run, and what names it in its details. */
export async function listAuditRecords(
  database: Database,
  organization: string,
  filter: AuditFilter,
  page: { limit: number; offset: number },
): Promise<{ records: AuditRecord[]; totalCount: number }> {
  const conditions: (SQL | undefined)[] = [eq(auditRecords.organization, organization)];
  if (filter.action !== undefined) conditions.push(eq(auditRecords.action, filter.action));
  if (filter.actor !== undefined) conditions.push(eq(auditRecords.actorName, filter.actor));
  if (filter.run !== undefined) {
    conditions.push(
      sql`(${auditRecords.targetId} = ${filter.run} or json_extract(${auditRecords.details}, '$.runId') = ${filter.run})`,
    );
  }
  const where = and(...conditions);
  const [total] = database.select({ count: count() }).from(auditRecords).where(where).all();
  const records = database
    .select()
    .from(auditRecords)
    .where(where)
    .orderBy(desc(auditRecords.at), desc(sql`rowid`))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { records, totalCount: total?.count ?? 0 };
}
