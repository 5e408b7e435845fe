import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { canCancel, canDiscard, runningPhase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from '../store/audit.ts';
import { type Run, requireRun } from '../store/runs.ts';
import { readWorkspaceQueue } from '../store/workspace-queue.ts';
import { requireOwner } from './authorize.ts';
import { keepComment } from './comment-on-run.ts';
import { endRun } from './end-run.ts';
import { type Change, change, type RunCore } from './run-core.ts';
import { requireRunToDecide } from './visible-run.ts';

/**
 * Lets a pending run start at once: those before it in its workspace are discarded, or canceled where they cannot be
 * discarded. Owners only. Throws `invalid_transition` when it does not wait behind a run that can be ended at once, and
 * `workspace_locked` when a person's lock is what it waits for.
 */
export async function forceExecuteRun(
  core: Omit<RunCore, 'sealer'>,
  input: { runId: string; comment: string; by: Actor },
): Promise<Run> {
  const { id, organization } = requireRunToDecide(core.database, input.by, input.runId);
  await requireOwner(core.database, input.by, organization);
  return change(core, (now) => {
    const run = requireRun(now.transaction, id);
    const queue = readWorkspaceQueue(now.transaction, run.workspaceId);
    const place = queue.pendingRunIds.indexOf(id);
    if (place === -1 || queue.activeRunId === undefined) {
      throw new GatehouseError('invalid_transition', `Run ${id} is ${run.status}: it waits behind no other run.`);
    }
    if (queue.isLocked) {
      throw new GatehouseError('workspace_locked', `Run ${id} cannot start: its workspace is locked. Unlock it first.`);
    }
    const holder = requireRun(now.transaction, queue.activeRunId);
    refuseUnlessEndable(run, holder);
    // The holder last: it is what keeps the others from starting as one of them ends.
    const earlier = queue.pendingRunIds.slice(0, place).map((runId) => requireRun(now.transaction, runId));
    const ended = [...earlier, holder];
    for (const before of ended) giveWay(now, before, run, input.by);
    keepComment(now, { ...input, runId: id }, { isInHistory: false });
    recordAudit(now.transaction, {
      organization,
      actor: input.by,
      action: 'run.force_executed',
      targetType: 'runs',
      targetId: id,
      details: { ended: ended.map((before) => before.id) },
      at: now.at,
    });
    return requireRun(now.transaction, id);
  });
}

function refuseUnlessEndable(run: Run, holder: Run): void {
  const isEndable =
    canDiscard(holder.status) || (canCancel(holder.status) && runningPhase(holder.status) === undefined);
  if (isEndable) return;
  throw new GatehouseError(
    'invalid_transition',
    `Run ${run.id} waits behind run ${holder.id}, which is ${holder.status}. Cancel that one first.`,
  );
}

function giveWay(now: Change, before: Run, run: Run, by: Actor): void {
  const isDiscarded = canDiscard(before.status);
  endRun(now, {
    runId: before.id,
    event: isDiscarded ? 'discarded' : 'canceled',
    reason: isDiscarded ? 'discarded' : 'canceled',
    comment: `gave way to run ${run.id}, which was executed by force`,
    by: by.username,
    ...(isDiscarded ? {} : { outcome: 'canceled' as const }),
    logLines: [`Gave way to run ${run.id}, which \`${by.username}\` executed by force.`],
  });
}
