import { releaseEvent } from '../domain/run.ts';
import { nextRun } from '../domain/workspace-queue.ts';
import { applyEvent, type Run, requireRun } from '../store/runs.ts';
import { readWorkspaceQueue } from '../store/workspace-queue.ts';
import { awaitMfa } from './await-mfa.ts';
import { queuePhase } from './queue-phase.ts';
import { type Change, change, ourselves, type RunCore } from './run-core.ts';

/** Starts the next run of a workspace, if there is one and nothing holds it. To be called when its lock is opened. */
export function releaseWorkspace(
  core: Pick<RunCore, 'database' | 'clock' | 'settings' | 'relay'>,
  workspaceId: string,
): Run | undefined {
  return change(core, (now) => releaseNextRun(now, workspaceId));
}

/** The same as a part of the change that freed the workspace. */
export function releaseNextRun(change: Change, workspaceId: string): Run | undefined {
  const runId = nextRun(readWorkspaceQueue(change.transaction, workspaceId));
  return runId === undefined ? undefined : releaseRun(change, requireRun(change.transaction, runId));
}

/** Lets a pending run begin: its plan is queued, or waits for a code first (M6). */
export function releaseRun(change: Change, pending: Run): Run {
  const event = releaseEvent(pending);
  const { run } = applyEvent(change.transaction, { runId: pending.id, event, by: ourselves, at: change.at });
  if (event === 'planMfaRequired') awaitMfa(change, run, 'plan', { quietly: false });
  else queuePhase(change, run, 'plan');
  return run;
}
