import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { isSaved, runStatuses } from '@gatehouse/shared/run-status';
import { and, asc, count, desc, eq, gt, inArray } from 'drizzle-orm';
import { judgeNextState, type StateWriter } from '../domain/next-state.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { enqueue } from './outbox.ts';
import { runPhases, runs } from './schema/runs.ts';
import { stateVersionOutputs, stateVersions, workspaces } from './schema/workspaces.ts';

type StateVersionRow = typeof stateVersions.$inferSelect;
export type StateVersion = StateVersionRow & { organization: string };
export type StateVersionOutput = typeof stateVersionOutputs.$inferSelect;
export type NewStateVersion = Omit<typeof stateVersions.$inferInsert, 'sequence'>;
export type NewStateVersionOutput = typeof stateVersionOutputs.$inferInsert;

/**
 * Stores a state version as the current one, when the rules allow it against the current state of this very moment.
 * Returns the version that is current afterwards, which is the former one when nothing differs.
 * Throws `state_invalid`, `workspace_locked` (a person without the lock), `conflict` (a run that was given up).
 */
export async function insertStateVersion(
  database: Database,
  version: NewStateVersion,
  outputs: readonly NewStateVersionOutput[],
  writer: StateWriter,
): Promise<{ version: StateVersionRow; isNew: boolean }> {
  return inTransaction(database, (transaction) => {
    const current = currentStateVersion(transaction, version.workspaceId);
    if (writer.kind === 'person') requireLock(transaction, version);
    else requireNoSuccessor(transaction, writer.runId, current);
    const verdict = judgeNextState(current, { ...version, runId: version.runId ?? null }, writer);
    if (verdict === 'same' && current !== undefined) return { version: current, isNew: false };
    const stored = transaction.insert(stateVersions).values(version).returning().get();
    for (const output of outputs) transaction.insert(stateVersionOutputs).values(output).run();
    outdateSavedPlans(transaction, stored);
    return { version: stored, isNew: true };
  });
}

/** Plans of the workspace that were saved against the state before are of no use any more; that is seen to behind this. */
function outdateSavedPlans(transaction: Transaction, { workspaceId, createdAt: at }: StateVersionRow): void {
  const saved = transaction
    .select({ runId: runs.id })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), inArray(runs.status, runStatuses.filter(isSaved))))
    .all();
  for (const { runId } of saved) enqueue(transaction, { runId, at }, { kind: 'discard-outdated-plan' });
}

function requireLock(transaction: Transaction, { workspaceId, createdBy }: NewStateVersion): void {
  const workspace = transaction
    .select({ lockedBy: workspaces.lockedBy })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId))
    .get();
  if (workspace?.lockedBy != null && workspace.lockedBy === createdBy) return;
  throw new GatehouseError(
    'workspace_locked',
    workspace?.lockedBy == null
      ? `Workspace ${workspaceId} is not locked. Lock it before you upload a state.`
      : `Workspace ${workspaceId} is locked by somebody else.`,
  );
}

/**
 * A worker that was given up for lost, or that killed terraform by force, may hand in its last state for a while, but not
 * over what came after its run: neither a newer state nor an apply that works on the one before.
 */
function requireNoSuccessor(transaction: Transaction, runId: string, current: StateVersionRow | undefined): void {
  const started = applyStart(transaction, runId);
  if (started !== undefined && !hasLaterApply(transaction, started)) {
    if (current === undefined || current.runId === runId || current.createdAt <= started.startedAt) return;
  }
  throw new GatehouseError('conflict', `The state was refused. What came after run ${runId} has the state now.`);
}

type ApplyStart = { workspaceId: string; startedAt: Date };

function applyStart(transaction: Transaction, runId: string): ApplyStart | undefined {
  const row = transaction
    .select({ workspaceId: runs.workspaceId, startedAt: runPhases.startedAt })
    .from(runPhases)
    .innerJoin(runs, eq(runs.id, runPhases.runId))
    .where(and(eq(runPhases.runId, runId), eq(runPhases.phase, 'apply')))
    .get();
  return row?.startedAt == null ? undefined : { workspaceId: row.workspaceId, startedAt: row.startedAt };
}

function hasLaterApply(transaction: Transaction, { workspaceId, startedAt }: ApplyStart): boolean {
  const later = transaction
    .select({ runId: runPhases.runId })
    .from(runPhases)
    .innerJoin(runs, eq(runs.id, runPhases.runId))
    .where(and(eq(runs.workspaceId, workspaceId), eq(runPhases.phase, 'apply'), gt(runPhases.startedAt, startedAt)))
    .get();
  return later !== undefined;
}

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
    .select({ version: stateVersions, organization: workspaces.organization })
    .from(stateVersions)
    .innerJoin(workspaces, eq(workspaces.id, stateVersions.workspaceId))
    .where(eq(stateVersions.id, id))
    .get();
  return row === undefined ? undefined : { ...row.version, organization: row.organization };
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

export function findStateVersionOutput(
  database: Database,
  id: string,
): (StateVersionOutput & { organization: string }) | undefined {
  const row = database
    .select({ output: stateVersionOutputs, organization: workspaces.organization })
    .from(stateVersionOutputs)
    .innerJoin(stateVersions, eq(stateVersions.id, stateVersionOutputs.stateVersionId))
    .innerJoin(workspaces, eq(workspaces.id, stateVersions.workspaceId))
    .where(eq(stateVersionOutputs.id, id))
    .get();
  return row === undefined ? undefined : { ...row.output, organization: row.organization };
}
