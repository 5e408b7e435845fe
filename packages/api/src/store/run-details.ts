import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { inArray } from 'drizzle-orm';
import { type Challenge, challengesOfRuns } from './challenges.ts';
import type { Database } from './database.ts';
import { type HistoryRow, historyOfRuns } from './history.ts';
import { phasesOfRuns, type RunPhase } from './phases.ts';
import type { Run } from './runs.ts';
import { workspaces } from './schema/workspaces.ts';

/** A run with all that is shown of it. */
export type RunDetails = {
  run: Run;
  workspaceName: string;
  phases: readonly RunPhase[];
  /** In the order of their phases. */
  challenges: readonly Challenge[];
  history: readonly HistoryRow[];
};

/** For a page of runs in as many statements as for one. */
export function runDetails(database: Database, runs: readonly Run[]): RunDetails[] {
  const ids = runs.map(({ id }) => id);
  const phases = Map.groupBy(phasesOfRuns(database, ids), ({ runId }) => runId);
  const challenges = Map.groupBy(challengesOfRuns(database, ids), ({ runId }) => runId);
  const history = Map.groupBy(historyOfRuns(database, ids), ({ runId }) => runId);
  const names = workspaceNames(
    database,
    runs.map(({ workspaceId }) => workspaceId),
  );
  return runs.map((run) => ({
    run,
    workspaceName: names.get(run.workspaceId) ?? run.workspaceId,
    phases: phases.get(run.id) ?? [],
    challenges: challenges.get(run.id) ?? [],
    history: history.get(run.id) ?? [],
  }));
}

export function detailsOf(database: Database, run: Run): RunDetails {
  const [details] = runDetails(database, [run]);
  if (details === undefined) throw new GatehouseError('internal', `Run ${run.id} has no details.`);
  return details;
}

function workspaceNames(database: Database, ids: readonly string[]): Map<string, string> {
  const rows = database
    .select({ id: workspaces.id, name: workspaces.name })
    .from(workspaces)
    .where(inArray(workspaces.id, [...new Set(ids)]))
    .all();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
