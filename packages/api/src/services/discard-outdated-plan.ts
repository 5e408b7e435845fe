import { isSaved } from '@gatehouse/shared/run-status';
import { findRun, type Run } from '../store/runs.ts';
import { currentStateVersion, type StateVersion } from '../store/state-versions.ts';
import { endRun } from './end-run.ts';
import { type Change, change, ourselves, type RunCore } from './run-core.ts';

/** Gives a saved plan up when the state has moved on from the one that it was made for. Does nothing otherwise. */
export function discardOutdatedPlan(core: Omit<RunCore, 'sealer'>, runId: string): void {
  change(core, (now) => {
    const run = findRun(now.transaction, runId);
    if (run !== undefined && isSaved(run.status)) discardIfOutdated(now, run);
  });
}

/** The same as a part of the change that saved the plan: the state may have changed while terraform planned. */
export function discardIfOutdated(now: Change, run: Run): void {
  if (!isOutdated(run, currentStateVersion(now.transaction, run.workspaceId))) return;
  endRun(now, { runId: run.id, event: 'discarded', reason: 'plan_outdated', by: ourselves });
}

export function isOutdated(
  run: Pick<Run, 'plannedStateVersionId'>,
  current: Pick<StateVersion, 'id'> | undefined,
): boolean {
  return run.plannedStateVersionId !== (current?.id ?? null);
}
