import type { AcceptedIdentities, MfaLevel } from '@gatehouse/shared/mfa-level';
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { given, prepared } from './prepared.ts';
import { configurationVersions, workspaces } from './schema/workspaces.ts';

export type ConfigurationOfRun = typeof configurationVersions.$inferSelect;

const mfaSettingsOf = prepared((database) =>
  database
    .select({ mfaLevel: workspaces.mfaLevel, acceptedIdentities: workspaces.acceptedIdentities })
    .from(workspaces)
    .where(eq(workspaces.id, given('workspaceId', workspaces.id)))
    .prepare(),
);

/** Undefined when the workspace is gone. */
export function currentMfaSettings(
  database: Database | Transaction,
  workspaceId: string,
): { mfaLevel: MfaLevel; acceptedIdentities: AcceptedIdentities } | undefined {
  return mfaSettingsOf(database).get({ workspaceId });
}

const uploadedOf = (database: Database, which: SQL | undefined) =>
  database
    .select()
    .from(configurationVersions)
    .where(
      and(
        eq(configurationVersions.workspaceId, given('workspaceId', configurationVersions.workspaceId)),
        eq(configurationVersions.status, 'uploaded'),
        which,
      ),
    )
    .orderBy(desc(configurationVersions.uploadedAt), desc(sql`rowid`))
    .limit(1)
    .prepare();
const newest = prepared((database) =>
  uploadedOf(database, and(eq(configurationVersions.speculative, false), eq(configurationVersions.provisional, false))),
);
const named = prepared((database) =>
  uploadedOf(database, eq(configurationVersions.id, given('id', configurationVersions.id))),
);

/**
 * The configuration version asked for, if it is uploaded and of this workspace; by default the newest that is neither speculative nor
 * provisional: what a plan that nobody has decided on was made of is not what the workspace stands for.
 */
export function findRunnableConfiguration(
  database: Database | Transaction,
  workspaceId: string,
  asked: string | undefined,
): ConfigurationOfRun | undefined {
  return asked === undefined ? newest(database).get({ workspaceId }) : named(database).get({ workspaceId, id: asked });
}
