import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { canConfirm } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { decisionEvent } from '../domain/run.ts';
import { applyEvent, type Run, requireRun } from '../store/runs.ts';
import { awaitMfa } from './await-mfa.ts';
import { keepComment } from './comment-on-run.ts';
import { requireConfirmedDestruction } from './confirm-destruction.ts';
import { queuePhase } from './queue-phase.ts';
import { type Change, change, type RunCore } from './run-core.ts';
import { takeWorkspace } from './take-workspace.ts';
import { requireRunToDecide } from './visible-run.ts';

/**
 * A person decides to apply a finished plan, without a code: where one is needed the run waits for it now, until a
 * deadline. Throws `workspace_locked` where a saved plan finds its workspace held.
 */
export async function confirmRun(
  core: Omit<RunCore, 'sealer'>,
  input: { runId: string; comment: string; confirmName?: string | undefined; by: Actor },
): Promise<Run> {
  const { id } = requireRunToDecide(core.database, input.by, input.runId);
  return change(core, (now) => {
    const run = requireRun(now.transaction, id);
    if (!canConfirm(run.status)) {
      throw new GatehouseError('invalid_transition', `Run was not paused for confirmation: ${id} is ${run.status}.`);
    }
    requireConfirmedDestruction(now.transaction, run, input.by, input.confirmName);
    decideToApply(now, run, { by: input.by.username, userId: input.by.userId, comment: input.comment });
    keepComment(now, { ...input, runId: id });
    return requireRun(now.transaction, id);
  });
}

/** The decision itself, a person's or auto-apply's (`userId` null). */
export function decideToApply(
  now: Change,
  run: Run,
  decision: { by: string; userId: string | null; comment?: string },
): void {
  takeWorkspace(now, run);
  const event = decisionEvent(run);
  const { run: decided } = applyEvent(now.transaction, {
    runId: run.id,
    event,
    by: decision.by,
    at: now.at,
    reason: decision.comment || undefined,
    set: { confirmedBy: decision.userId },
  });
  if (event === 'applyMfaRequired') awaitMfa(now, decided, 'apply', { quietly: false });
  else queuePhase(now, decided, 'apply');
}
