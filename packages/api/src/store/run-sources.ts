import type { AcceptedIdentities, MfaLevel } from '@gatehouse/shared/mfa-level';
import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { configurationVersions, workspaces } from './schema/workspaces.ts';

export type ConfigurationOfRun = typeof configurationVersions.$inferSelect;

/** Undefined when the workspace is gone. */
export function currentMfaSettings(
  database: Database | Transaction,
  workspaceId: string,
): { mfaLevel: MfaLevel; acceptedIdentities: AcceptedIdentities } | undefined {
  return database
    .select({ mfaLevel: workspaces.mfaLevel, acceptedIdentities: workspaces.acceptedIdentities })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId))
    .get();
}

/**
 * The configuration version asked for, if it is uploaded and of this workspace; by default the newest that is neither speculative nor
 * provisional: what a plan that nobody has decided on was made of is not what the workspace stands for.
 */
export function findRunnableConfiguration(
  database: Database | Transaction,
  workspaceId: string,
  asked: string | undefined,
): ConfigurationOfRun | undefined {
  return database
    .select()
    .from(configurationVersions)
    .where(
      and(
        eq(configurationVersions.workspaceId, workspaceId),
        eq(configurationVersions.status, 'uploaded'),
        asked === undefined
          ? and(eq(configurationVersions.speculative, false), eq(configurationVersions.provisional, false))
          : eq(configurationVersions.id, asked),
      ),
    )
    .orderBy(desc(configurationVersions.uploadedAt), desc(sql`rowid`))
    .limit(1)
    .get();
}
