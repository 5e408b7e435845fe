import type { Actor } from '../domain/actor.ts';
import { type Comment, insertComment } from '../store/comments.ts';
import { listHistory } from '../store/history.ts';
import { touchRun } from '../store/runs.ts';
import { type Change, change, type RunCore } from './run-core.ts';
import { requireVisibleRun } from './visible-run.ts';

/** A member says something about a run, whatever becomes of it. */
export async function commentOnRun(
  core: Omit<RunCore, 'sealer'>,
  input: { runId: string; body: string; by: Actor },
): Promise<Comment> {
  const { id: runId } = requireVisibleRun(core.database, input.by, input.runId);
  return change(core, (now) => {
    touchRun(now.transaction, runId, now.at, {}, []);
    return insertComment(now.transaction, { ...input, runId, at: now.at, historySequence: null });
  });
}

/**
 * Keeps what somebody said with a decision, in the change that carried it out. `isInHistory`: the decision is the run's
 * last line of history; where it only asked terraform to stop, it has none yet.
 */
export function keepComment(
  now: Change,
  said: { runId: string; comment: string; by: Actor },
  { isInHistory = true }: { isInHistory?: boolean } = {},
): void {
  const { runId, comment: body, by } = said;
  if (body === '') return;
  const last = isInHistory ? listHistory(now.transaction, runId).at(-1) : undefined;
  insertComment(now.transaction, { runId, body, by, at: now.at, historySequence: last?.sequence ?? null });
}
