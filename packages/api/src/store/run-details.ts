import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { inArray } from 'drizzle-orm';
import type { SessionForecast } from '../domain/session-length.ts';
import { placeInQueue, type QueuePlace } from '../domain/workspace-queue.ts';
import { identitiesOfOrganization } from './aws-identities.ts';
import { type Challenge, challengesOfRuns, isOpen } from './challenges.ts';
import { type Database, inSnapshot } from './database.ts';
import { type HistoryRow, historyOfRuns } from './history.ts';
import { memberNames } from './memberships.ts';
import { phasesOfRuns, type RunPhase } from './phases.ts';
import { givenList, prepared } from './prepared.ts';
import { queuePositions } from './queue-positions.ts';
import type { Run } from './runs.ts';
import { workspaces } from './schema/workspaces.ts';
import { plannedSessions } from './session-forecasts.ts';
import { type LastSpent, lastSpentCodes } from './spent-codes.ts';
import { readWorkspaceQueue } from './workspace-queue.ts';

/** A run with all that is shown of it. */
export type RunDetails = {
  run: Run;
  workspaceName: string;
  phases: readonly RunPhase[];
  /** In the order of their phases. */
  challenges: readonly Challenge[];
  history: readonly HistoryRow[];
  /** The code of each device of its challenges, and of its organization's, that AWS accepted last. */
  spentCodes: ReadonlyMap<string, LastSpent>;
  /** By challenge, the session that each open one will ask for. */
  plannedSessions: ReadonlyMap<string, SessionForecast>;
  /** Names of who may give the code that it waits for; empty when it waits for none. */
  whoMayAuthenticate: readonly string[];
  /** Of a run that waits for its turn. */
  queuePlace: QueuePlace | undefined;
  /** Among all runs of its organization that wait for their turn or for a worker: 1 is the next; 0: it does not wait. */
  positionInQueue: number;
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
  const spentCodes = lastSpentCodes(
    database,
    [...[...challenges.values()].flat(), ...runs].flatMap(({ mfaSerial }) => mfaSerial ?? []),
  );
  const planned = plannedSessions(
    database,
    runs.flatMap((run) => (challenges.get(run.id) ?? []).map((challenge) => ({ challenge, run }))),
  );
  const members = remembered((organization: string) => memberNames(database, organization));
  const holders = remembered((organization: string) =>
    identitiesOfOrganization(database, organization).map(({ username }) => username),
  );
  const askable = (run: Run) => (run.acceptedIdentities === 'members' ? holders : members)(run.organization);
  const positions = queuePositions(database, runs);
  const queue = remembered((workspaceId: string) => readWorkspaceQueue(database, workspaceId));
  return runs.map((run) => ({
    run,
    workspaceName: names.get(run.workspaceId) ?? run.workspaceId,
    phases: phases.get(run.id) ?? [],
    challenges: challenges.get(run.id) ?? [],
    history: history.get(run.id) ?? [],
    spentCodes,
    plannedSessions: planned,
    whoMayAuthenticate: challenges.get(run.id)?.some(isOpen) ? askable(run) : [],
    queuePlace: run.status === 'pending' && !run.planOnly ? placeInQueue(queue(run.workspaceId), run.id) : undefined,
    positionInQueue: positions.get(run.id) ?? 0,
  }));
}

export function detailsOf(database: Database, run: Run): RunDetails {
  const [details] = inSnapshot(database, () => runDetails(database, [run]));
  if (details === undefined) throw new GatehouseError('internal', `Run ${run.id} has no details.`);
  return details;
}

/** Asks once for each key, and only where somebody wants to know. */
function remembered<Value>(ask: (key: string) => Value): (key: string) => Value {
  const answers = new Map<string, Value>();
  return (key) => {
    const known = answers.get(key) ?? ask(key);
    answers.set(key, known);
    return known;
  };
}

const namesOf = prepared((database) =>
  database
    .select({ id: workspaces.id, name: workspaces.name })
    .from(workspaces)
    .where(inArray(workspaces.id, givenList('ids')))
    .prepare(),
);

function workspaceNames(database: Database, ids: readonly string[]): Map<string, string> {
  const rows = namesOf(database).all({ ids: [...new Set(ids)] });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
