import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { and, eq, gt } from 'drizzle-orm';
import { judgeNextState, type StateIdentity, type StateWriter } from '../domain/next-state.ts';
import type { Transaction } from './database.ts';
import { runPhases, runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';
import type { StateVersionRow } from './state-versions.ts';

/** A state that wants to become the current one; `createdBy` is null for a run. */
export type StateCandidate = StateIdentity & { workspaceId: string; createdBy: string | null };

/**
 * Whether the state may follow `current`, which the same transaction has read. Throws `state_invalid`,
 * `workspace_locked` (a person without the lock), `conflict` (a run that was given up).
 */
export function judgeState(
  transaction: Transaction,
  current: StateVersionRow | undefined,
  candidate: StateCandidate,
  writer: StateWriter,
): 'store' | 'same' {
  // A version that a person uploaded may name a run, and is not the run's own for that.
  const written = current && { ...current, runId: current.createdBy === null ? current.runId : null };
  if (writer.kind === 'person') requireLock(transaction, candidate);
  else requireNoSuccessor(transaction, writer.runId, written);
  return judgeNextState(written, candidate, writer);
}

function requireLock(transaction: Transaction, { workspaceId, createdBy }: StateCandidate): void {
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
function requireNoSuccessor(
  transaction: Transaction,
  runId: string,
  current: Pick<StateVersionRow, 'runId' | 'createdAt'> | undefined,
): void {
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
