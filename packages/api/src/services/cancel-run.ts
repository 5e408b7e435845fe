import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { canCancel, runningPhase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { enqueue } from '../store/outbox.ts';
import { type Run, requireRun, touchRun } from '../store/runs.ts';
import { keepComment } from './comment-on-run.ts';
import { endRun } from './end-run.ts';
import { change, type RunCore } from './run-core.ts';
import { requireRunToDecide } from './visible-run.ts';
import { withdrawExtension } from './withdraw-challenge.ts';

/**
 * Cancels a run: at once when nothing of it runs, else terraform is asked to stop and the run ends with its worker's
 * report. Throws `invalid_transition` when it cannot be canceled, or was asked to stop before.
 */
export async function cancelRun(
  core: Omit<RunCore, 'sealer'>,
  input: { runId: string; comment: string; by: Actor },
): Promise<Run> {
  const { id } = requireRunToDecide(core.database, input.by, input.runId);
  return change(core, (now) => {
    const run = requireRun(now.transaction, id);
    const phase = runningPhase(run.status);
    if (!canCancel(run.status) || run.cancelRequestedAt !== null) throw notCancelable(run);
    if (phase === undefined) {
      const ended = endRun(now, {
        runId: id,
        event: 'canceled',
        reason: 'canceled',
        comment: input.comment,
        by: input.by.username,
        outcome: 'canceled',
        logLines: [`Canceled by \`${input.by.username}\`.`],
      });
      keepComment(now, { ...input, runId: id });
      return ended;
    }
    // What is to stop needs no longer session.
    withdrawExtension(now, id, phase);
    // No line in the log: it belongs to the worker while the phase runs, and a foreign append would fence that off.
    enqueue(now.transaction, { runId: id, at: now.at }, { kind: 'send-cancel', phase, mode: 'interrupt' });
    keepComment(now, { ...input, runId: id }, { isInHistory: false });
    return touchRun(now.transaction, id, now.at, {
      cancelRequestedAt: now.at,
      cancelRequestedBy: input.by.username,
    });
  });
}

function notCancelable(run: Run): GatehouseError {
  const why =
    run.cancelRequestedAt === null
      ? `Run ${run.id} is ${run.status} and cannot be canceled.`
      : `Run ${run.id} was asked to stop by ${run.cancelRequestedBy} already; it can be canceled by force.`;
  return new GatehouseError('invalid_transition', why);
}
