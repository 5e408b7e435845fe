import type { EndReason } from '@gatehouse/shared/end-reasons';
import {
  claimablePhase,
  phaseAwaitingMfa,
  type RunStatus,
  runningPhase,
  runStatuses,
} from '@gatehouse/shared/run-status';
import { and, count, eq, gt, gte, inArray, isNotNull, lt, min, or, type SQL, sql } from 'drizzle-orm';
import { openStates } from './challenges.ts';
import type { Database } from './database.ts';
import { challenges } from './schema/challenges.ts';
import { runHistory, runPhases, runs } from './schema/runs.ts';

/** Whose runs are counted: everybody's, or those of these organizations. */
export type FigureScope = 'all' | readonly string[];

const awaitingStatuses = runStatuses.filter((status) => phaseAwaitingMfa(status) !== undefined);
const runningStatuses = runStatuses.filter((status) => runningPhase(status) !== undefined);
const queuedStatuses = runStatuses.filter((status) => claimablePhase(status) !== undefined);

function inScope(scope: FigureScope): SQL | undefined {
  return scope === 'all' ? undefined : inArray(runs.organization, [...scope]);
}

/** The same beside a span of time, which is what is looked up by: the plus keeps SQLite from reading all runs of the scope. */
function alsoInScope(scope: FigureScope): SQL | undefined {
  return scope === 'all' ? undefined : inArray(sql`+${runs.organization}`, [...scope]);
}

/** What a run waits with for a code: to start a phase, or to go on with one. Nobody has asked for that of a finished plan. */
const asked = and(
  inArray(challenges.state, openStates),
  or(inArray(runs.status, awaitingStatuses), and(inArray(runs.status, runningStatuses), gt(challenges.extension, 0))),
);

/** How many runs are in each of these statuses now. */
export function countByStatus(
  database: Database,
  scope: FigureScope,
  statuses: readonly RunStatus[],
): Map<RunStatus, number> {
  const rows = database
    .select({ status: runs.status, count: count() })
    .from(runs)
    .where(and(inArray(runs.status, [...statuses]), inScope(scope)))
    .groupBy(runs.status)
    .all();
  return new Map(rows.map((row) => [row.status, row.count]));
}

/** Since when the oldest run waits for a code; null when none does. */
export function oldestAwaiting(database: Database, scope: FigureScope): Date | null {
  const row = database
    .select({ at: min(challenges.createdAt) })
    .from(runs)
    .innerJoin(challenges, eq(challenges.runId, runs.id))
    .where(and(asked, inScope(scope)))
    .get();
  return row?.at ?? null;
}

/** Since when the oldest phase waits for a worker; null when none does. */
export function oldestQueued(database: Database, scope: FigureScope): Date | null {
  const row = database
    .select({ at: min(runPhases.queuedAt) })
    .from(runs)
    .innerJoin(runPhases, and(eq(runPhases.runId, runs.id), sql`${runPhases.startedAt} is null`))
    .where(and(inArray(runs.status, queuedStatuses), inScope(scope)))
    .get();
  return row?.at ?? null;
}

/** What waits for which device now. */
export function waitsByDevice(database: Database, scope: FigureScope) {
  // A challenge names the device of its last code, which may have been a member's own.
  const mfaSerial = sql<string>`case when ${challenges.awsIdentityId} is null then ${challenges.mfaSerial}
    else coalesce(${runs.mfaSerial}, '') end`;
  return database
    .select({ mfaSerial, count: count(), oldestAt: min(challenges.createdAt) })
    .from(runs)
    .innerJoin(challenges, eq(challenges.runId, runs.id))
    .where(and(asked, inScope(scope)))
    .groupBy(mfaSerial)
    .orderBy(sql`2 desc`)
    .all();
}

export type Transitions = { from: RunStatus | null; to: RunStatus; count: number };

/** Changes of status from `since` until before `until`, counted by what changed into what. */
export function countTransitions(database: Database, scope: FigureScope, since: Date, until: Date): Transitions[] {
  const query = database
    .select({ from: runHistory.fromStatus, to: runHistory.toStatus, count: count() })
    .from(runHistory)
    .$dynamic();
  // A cross join keeps its order in SQLite (lang_select.html §2.2): by time first, or each bucket reads every run.
  const scoped = scope === 'all' ? query : query.crossJoin(runs);
  const isOf = scope === 'all' ? undefined : and(eq(runs.id, runHistory.runId), inScope(scope));
  return scoped
    .where(and(gte(runHistory.at, since), lt(runHistory.at, until), isOf))
    .groupBy(runHistory.fromStatus, runHistory.toStatus)
    .all();
}

/** Why runs ended as errored since `since`, most often first. */
export function countFailures(
  database: Database,
  scope: FigureScope,
  since: Date,
): { reason: EndReason; count: number }[] {
  return database
    .select({ reason: runs.endReason, count: count() })
    .from(runs)
    .where(and(eq(runs.status, 'errored'), gte(runs.endedAt, since), isNotNull(runs.endReason), alsoInScope(scope)))
    .groupBy(runs.endReason)
    .orderBy(sql`2 desc`)
    .all()
    .flatMap(({ reason, count: times }) => (reason === null ? [] : [{ reason, count: times }]));
}

export function countEnded(database: Database, scope: FigureScope, since: Date): number {
  const where = and(gte(runs.endedAt, since), alsoInScope(scope));
  return database.select({ count: count() }).from(runs).where(where).get()?.count ?? 0;
}
