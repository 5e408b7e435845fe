import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { runningPhase, startedEvent } from '@gatehouse/shared/run-status';
import { and, eq, gt } from 'drizzle-orm';
import { judgeNextState, type StateIdentity, type StateWriter } from '../domain/next-state.ts';
import type { Transaction } from './database.ts';
import { runHistory, runPhases, runs } from './schema/runs.ts';
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
 * over what came after its run: neither a newer state nor an apply that works on the one before. An apply that runs holds
 * its workspace, so that whatever is there came before it, also where the clock was put back meanwhile.
 */
function requireNoSuccessor(
  transaction: Transaction,
  runId: string,
  current: Pick<StateVersionRow, 'runId' | 'createdAt'> | undefined,
): void {
  const apply = startedApply(transaction, runId);
  if (apply !== undefined && !hasLaterApply(transaction, apply)) {
    const isOwn = current === undefined || current.runId === runId;
    if (isOwn || apply.isRunning || current.createdAt <= apply.startedAt) return;
  }
  throw new GatehouseError('conflict', `The state was refused. What came after run ${runId} has the state now.`);
}

type StartedApply = { workspaceId: string; startedAt: Date; isRunning: boolean; startSequence: number };

function startedApply(transaction: Transaction, runId: string): StartedApply | undefined {
  const row = transaction
    .select({
      workspaceId: runs.workspaceId,
      status: runs.status,
      startedAt: runPhases.startedAt,
      outcome: runPhases.outcome,
      startSequence: runHistory.sequence,
    })
    .from(runPhases)
    .innerJoin(runs, eq(runs.id, runPhases.runId))
    .innerJoin(runHistory, and(eq(runHistory.runId, runPhases.runId), eq(runHistory.event, startedEvent.apply)))
    .where(and(eq(runPhases.runId, runId), eq(runPhases.phase, 'apply')))
    .get();
  if (row?.startedAt == null) return undefined;
  const { workspaceId, startedAt, startSequence, status, outcome } = row;
  return { workspaceId, startedAt, startSequence, isRunning: runningPhase(status) === 'apply' && outcome === null };
}

/** By the order of the history, which no clock turns round. */
function hasLaterApply(transaction: Transaction, { workspaceId, startSequence }: StartedApply): boolean {
  const later = transaction
    .select({ runId: runHistory.runId })
    .from(runHistory)
    .innerJoin(runs, eq(runs.id, runHistory.runId))
    .where(
      and(
        gt(runHistory.sequence, startSequence),
        eq(runHistory.event, startedEvent.apply),
        eq(runs.workspaceId, workspaceId),
      ),
    )
    .limit(1)
    .get();
  return later !== undefined;
}
