import { newId } from '@gatehouse/shared/ids';
import { and, eq, isNull, lt, or } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { configurationVersions, workspaces } from './schema/workspaces.ts';

export type ConfigurationVersion = typeof configurationVersions.$inferSelect & { organization: string };

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
