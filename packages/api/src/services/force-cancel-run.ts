import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { runningPhase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { requireConfirmName } from '../domain/confirm-name.ts';
import { forceCancelAvailableAt } from '../domain/force-cancel.ts';
import { enqueue } from '../store/outbox.ts';
import { type Run, requireRun } from '../store/runs.ts';
import { workspaceName } from '../store/workspace-queue.ts';
import { requireOwner } from './authorize.ts';
import { keepComment } from './comment-on-run.ts';
import { endRun } from './end-run.ts';
import { change, type RunCore } from './run-core.ts';
import { requireRunToDecide } from './visible-run.ts';

/**
 * Ends a run that was asked to stop and did not: terraform is killed, the run is canceled and its workspace freed at
 * once; what its worker still reports is ignored. For owners, since the state may be behind the infrastructure then.
 */
export async function forceCancelRun(
  core: Omit<RunCore, 'sealer'>,
  input: { runId: string; comment: string; confirmName?: string | undefined; by: Actor },
): Promise<Run> {
  const visible = requireRunToDecide(core.database, input.by, input.runId);
  await requireOwner(core.database, input.by, visible.organization);
  return change(core, (now) => {
    const run = requireRun(now.transaction, visible.id);
    const phase = runningPhase(run.status);
    const availableAt = forceCancelAvailableAt(run.cancelRequestedAt, now.settings.forceCancelAfterMs);
    if (phase === undefined || availableAt === null || availableAt > now.at) throw notYet(run, availableAt);
    requireConfirmName(input.by, {
      workspaceName: workspaceName(now.transaction, run.workspaceId),
      given: input.confirmName,
    });
    enqueue(now.transaction, { runId: run.id, at: now.at }, { kind: 'send-cancel', phase, mode: 'kill' });
    const killed = endRun(now, {
      runId: run.id,
      event: 'canceled',
      reason: 'force_canceled',
      comment: input.comment,
      by: input.by.username,
      outcome: 'canceled',
      forced: true,
      logLines: [`Canceled by force by \`${input.by.username}\`; terraform was killed.`],
    });
    keepComment(now, { ...input, runId: run.id });
    return killed;
  });
}

function notYet(run: Run, availableAt: Date | null): GatehouseError {
  if (runningPhase(run.status) === undefined) {
    return new GatehouseError('invalid_transition', `Run ${run.id} is ${run.status}: there is nothing to kill.`);
  }
  const when =
    availableAt === null ? 'after it was canceled and does not stop' : `from ${availableAt.toISOString()} on`;
  return new GatehouseError('invalid_transition', `Run ${run.id} can be canceled by force ${when}.`);
}
