import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { isTerminal, runStatuses } from '@gatehouse/shared/run-status';
import { and, count, desc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { findRunnableConfiguration } from './run-sources.ts';
import { runs } from './schema/runs.ts';
import { configurationVersions, workspaces } from './schema/workspaces.ts';

export type ConfigurationVersionRow = typeof configurationVersions.$inferSelect;
export type ConfigurationVersion = ConfigurationVersionRow & { organization: string };

/** An upload that was not finished after this long was cut off by a crash; another may begin. */
const uploadAbandonedAfterMs = 3600 * 1000;

export async function insertConfigurationVersion(
  database: Database,
  values: {
    workspaceId: string;
    speculative: boolean;
    autoQueueRuns: boolean;
    provisional: boolean;
    createdBy: string | null;
    createdAt: Date;
  },
): Promise<string> {
  const id = newId('configurationVersion', values.createdAt.getTime());
  database
    .insert(configurationVersions)
    .values({ id, ...values })
    .run();
  return id;
}

export function findConfigurationVersion(
  database: Database | Transaction,
  id: string,
): ConfigurationVersion | undefined {
  const row = database
    .select({ version: configurationVersions, organization: workspaces.organization })
    .from(configurationVersions)
    .innerJoin(workspaces, eq(workspaces.id, configurationVersions.workspaceId))
    .where(eq(configurationVersions.id, id))
    .get();
  return row === undefined ? undefined : { ...row.version, organization: row.organization };
}

/** Newest first. */
export function listConfigurationVersions(
  database: Database,
  workspaceId: string,
  page: { limit: number; offset: number },
): { versions: ConfigurationVersionRow[]; totalCount: number } {
  const where = eq(configurationVersions.workspaceId, workspaceId);
  const [total] = database.select({ count: count() }).from(configurationVersions).where(where).all();
  const versions = database
    .select()
    .from(configurationVersions)
    .where(where)
    .orderBy(desc(configurationVersions.createdAt), desc(sql`rowid`))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { versions, totalCount: total?.count ?? 0 };
}

export function configurationVersionsOf(database: Database, ids: readonly string[]): ConfigurationVersionRow[] {
  return database
    .select()
    .from(configurationVersions)
    .where(inArray(configurationVersions.id, [...new Set(ids)]))
    .all();
}

/**
 * Says of an uploaded version that its bytes are gone. Throws `conflict` while it may still be run: the newest is what a
 * run takes that names none, and a run that is not over needs its own.
 */
export async function archiveConfigurationVersion(
  database: Database,
  actor: Actor,
  { id, workspaceId, organization }: ConfigurationVersion,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const status = findConfigurationVersion(transaction, id)?.status;
    if (status === 'archived') return;
    const refuse = (why: string) => new GatehouseError('conflict', `transition not allowed: ${why}`);
    if (status !== 'uploaded') throw refuse(`configuration version ${id} is ${status ?? 'gone'}, not uploaded.`);
    if (findRunnableConfiguration(transaction, workspaceId, undefined)?.id === id) {
      throw refuse('configuration could not be archived because it is current.');
    }
    const run = openRunOf(transaction, id);
    if (run !== undefined) throw refuse(`run ${run} still uses configuration version ${id}.`);
    transaction
      .update(configurationVersions)
      .set({ status: 'archived', archivedAt: now })
      .where(eq(configurationVersions.id, id))
      .run();
    const target = { organization, targetType: 'configuration-versions', targetId: id };
    const details = { workspaceId };
    recordAudit(transaction, { ...target, actor, action: 'configuration_version.archived', details, at: now });
  });
}

const openStatuses = runStatuses.filter((status) => !isTerminal(status));

function openRunOf(transaction: Transaction, configurationVersionId: string): string | undefined {
  return transaction
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.configurationVersionId, configurationVersionId), inArray(runs.status, openStatuses)))
    .limit(1)
    .get()?.id;
}

/**
 * Takes the one right to upload; false when the archive is there, was refused, or is being uploaded. While the version
 * is pending `uploadedAt` says since when it is being uploaded.
 */
export async function beginUpload(database: Database, id: string, at: Date): Promise<boolean> {
  const abandonedBefore = new Date(at.getTime() - uploadAbandonedAfterMs);
  const { changes } = database
    .update(configurationVersions)
    .set({ uploadedAt: at })
    .where(
      and(
        eq(configurationVersions.id, id),
        eq(configurationVersions.status, 'pending'),
        or(isNull(configurationVersions.uploadedAt), lt(configurationVersions.uploadedAt, abandonedBefore)),
      ),
    )
    .run();
  return changes === 1;
}

export type UploadResult =
  | { status: 'uploaded'; sizeBytes: number }
  | { status: 'errored'; errorMessage: string }
  /** Cut off by the client: it may begin again. */
  | { status: 'pending' };

/** Ends the upload that began at `begunAt`; false when it had taken so long that another has begun. */
export async function endUpload(
  database: Database,
  id: string,
  { begunAt, at, result }: { begunAt: Date; at: Date; result: UploadResult },
): Promise<boolean> {
  const { changes } = database
    .update(configurationVersions)
    .set({ ...result, uploadedAt: result.status === 'pending' ? null : at })
    .where(
      and(
        eq(configurationVersions.id, id),
        eq(configurationVersions.status, 'pending'),
        eq(configurationVersions.uploadedAt, begunAt),
      ),
    )
    .run();
  return changes === 1;
}

/** A run of it was confirmed: from now on it is one of those of which the workspace takes the newest. */
export function confirmConfigurationVersion(transaction: Transaction, id: string): void {
  transaction.update(configurationVersions).set({ provisional: false }).where(eq(configurationVersions.id, id)).run();
}

/** Says on an uploaded version why its automatic run was not queued. */
export async function noteOnConfigurationVersion(database: Database, id: string, errorMessage: string): Promise<void> {
  database.update(configurationVersions).set({ errorMessage }).where(eq(configurationVersions.id, id)).run();
}
