import { isActive, isDecided, runStatuses } from '@gatehouse/shared/run-status';
import { and, asc, eq, inArray, or } from 'drizzle-orm';
import type { WorkspaceQueue } from '../domain/workspace-queue.ts';
import type { Database, Transaction } from './database.ts';
import type { Run } from './runs.ts';
import { runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';

const activeStatuses = runStatuses.filter(isActive);
const decidedStatuses = runStatuses.filter(isDecided);

/** The run that holds the workspace; undefined when none does. Plan-only runs never do, and one with a saved plan once it is decided. */
export function findActiveRun(database: Database | Transaction, workspaceId: string): Run | undefined {
  return database
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, workspaceId),
        eq(runs.planOnly, false),
        inArray(runs.status, activeStatuses),
        or(eq(runs.savePlan, false), inArray(runs.status, decidedStatuses)),
      ),
    )
    .orderBy(asc(runs.sequence))
    .limit(1)
    .get();
}

export function readWorkspaceQueue(database: Database | Transaction, workspaceId: string): WorkspaceQueue {
  const workspace = database
    .select({ lockedBy: workspaces.lockedBy })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId))
    .get();
  const pending = database
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.planOnly, false), eq(runs.status, 'pending')))
    .orderBy(asc(runs.sequence))
    .all();
  return {
    isLocked: workspace === undefined || workspace.lockedBy !== null,
    activeRunId: findActiveRun(database, workspaceId)?.id,
    pendingRunIds: pending.map(({ id }) => id),
  };
}

/** What the API shows as the workspace's current run: the one that holds it, else the head of its queue. */
export function currentRunId(database: Database | Transaction, workspaceId: string): string | undefined {
  const queue = readWorkspaceQueue(database, workspaceId);
  return queue.activeRunId ?? queue.pendingRunIds[0];
}

export function workspacesWithPendingRuns(database: Database): string[] {
  return database
    .selectDistinct({ workspaceId: runs.workspaceId })
    .from(runs)
    .where(eq(runs.status, 'pending'))
    .all()
    .map(({ workspaceId }) => workspaceId);
}

export function workspaceName(database: Database | Transaction, workspaceId: string): string {
  const found = database.select({ name: workspaces.name }).from(workspaces).where(eq(workspaces.id, workspaceId)).get();
  return found?.name ?? workspaceId;
}
