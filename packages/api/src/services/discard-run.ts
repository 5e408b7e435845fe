import type { Actor } from '../domain/actor.ts';
import type { Run } from '../store/runs.ts';
import { keepComment } from './comment-on-run.ts';
import { endRun } from './end-run.ts';
import { change, type RunCore } from './run-core.ts';
import { requireRunToDecide } from './visible-run.ts';

/** Gives a run up that has not changed anything and runs nothing. Throws `invalid_transition` otherwise. */
export async function discardRun(
  core: Omit<RunCore, 'sealer'>,
  input: { runId: string; comment: string; by: Actor },
): Promise<Run> {
  const { id } = requireRunToDecide(core.database, input.by, input.runId);
  return change(core, (now) => {
    const run = endRun(now, {
      runId: id,
      event: 'discarded',
      reason: 'discarded',
      comment: input.comment,
      by: input.by.username,
      logLines: [`Discarded by \`${input.by.username}\`.`],
    });
    keepComment(now, { ...input, runId: id });
    return run;
  });
}
