/** Who is next in a workspace: first in, first out, one active run at a time. Plan-only runs take no part. */
export type WorkspaceQueue = {
  isLocked: boolean;
  activeRunId: string | undefined;
  /** Pending runs in the order in which they were queued, plan-only runs left out. */
  pendingRunIds: readonly string[];
};

/** The run that may start now; undefined when the workspace is locked, held by an active run, or idle. */
export function nextRun(queue: WorkspaceQueue): string | undefined {
  if (queue.isLocked || queue.activeRunId !== undefined) return undefined;
  return queue.pendingRunIds[0];
}

/** `position` 1 is the next; `behindRunId` undefined: it waits for a lock, or for nothing. */
export type QueuePlace = { position: number; behindRunId: string | undefined };

/** Where a pending run stands, and which run it waits for. */
export function placeInQueue(queue: WorkspaceQueue, runId: string): QueuePlace | undefined {
  const index = queue.pendingRunIds.indexOf(runId);
  if (index === -1) return undefined;
  return { position: index + 1, behindRunId: queue.pendingRunIds[index - 1] ?? queue.activeRunId };
}
