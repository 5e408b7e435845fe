import { and, asc, count, desc, eq } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { stateVersionOutputs, stateVersions, workspaces } from './schema/workspaces.ts';

export type StateVersionRow = typeof stateVersions.$inferSelect;
export type StateVersion = StateVersionRow & { organization: string; workspaceName: string };
export type StateVersionOutput = typeof stateVersionOutputs.$inferSelect;
export type PlacedOutput = StateVersionOutput & { organization: string; workspaceName: string };
export type NewStateVersion = Omit<typeof stateVersions.$inferInsert, 'sequence'>;
export type NewStateVersionOutput = typeof stateVersionOutputs.$inferInsert;

export function currentStateVersion(
  database: Database | Transaction,
  workspaceId: string,
): StateVersionRow | undefined {
  return database
    .select()
    .from(stateVersions)
    .where(eq(stateVersions.workspaceId, workspaceId))
    .orderBy(desc(stateVersions.sequence))
    .limit(1)
    .get();
}

export function findStateVersion(database: Database, id: string): StateVersion | undefined {
  const row = database
    .select({ version: stateVersions, organization: workspaces.organization, workspaceName: workspaces.name })
    .from(stateVersions)
    .innerJoin(workspaces, eq(workspaces.id, stateVersions.workspaceId))
    .where(eq(stateVersions.id, id))
    .get();
  if (row === undefined) return undefined;
  const { version, ...place } = row;
  return { ...version, ...place };
}

/** Newest first. */
export async function listStateVersions(
  database: Database,
  workspaceId: string,
  page: { limit: number; offset: number },
): Promise<{ versions: StateVersionRow[]; totalCount: number }> {
  const where = eq(stateVersions.workspaceId, workspaceId);
  const [total] = database.select({ count: count() }).from(stateVersions).where(where).all();
  const versions = database
    .select()
    .from(stateVersions)
    .where(where)
    .orderBy(desc(stateVersions.sequence))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { versions, totalCount: total?.count ?? 0 };
}

/** In the order of their names. */
export function outputsOfStateVersion(database: Database, stateVersionId: string): StateVersionOutput[] {
  return database
    .select()
    .from(stateVersionOutputs)
    .where(eq(stateVersionOutputs.stateVersionId, stateVersionId))
    .orderBy(asc(stateVersionOutputs.name))
    .all();
}

export function findStateVersionOutput(database: Database, id: string): PlacedOutput | undefined {
  const row = database
    .select({ output: stateVersionOutputs, organization: workspaces.organization, workspaceName: workspaces.name })
    .from(stateVersionOutputs)
    .innerJoin(stateVersions, eq(stateVersions.id, stateVersionOutputs.stateVersionId))
    .innerJoin(workspaces, eq(workspaces.id, stateVersions.workspaceId))
    .where(eq(stateVersionOutputs.id, id))
    .get();
  if (row === undefined) return undefined;
  const { output, ...place } = row;
  return { ...output, ...place };
}

/** Its JSON came after it was stored. False when it has one, or is not there. */
export async function noteStateJson(database: Database, id: string): Promise<boolean> {
  const { changes } = database
    .update(stateVersions)
    .set({ hasJson: true })
    .where(and(eq(stateVersions.id, id), eq(stateVersions.hasJson, false)))
    .run();
  return changes === 1;
}
