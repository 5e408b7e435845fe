import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import {
  canConfirm,
  isTerminal,
  nextStatus,
  phaseAwaitingMfa,
  type RunEvent,
  type RunStatus,
  sourcesOf,
} from '@gatehouse/shared/run-status';
import { and, count, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { addHistory } from './history.ts';
import { enqueueNotifications } from './notification-deliveries.ts';
import { enqueue } from './outbox.ts';
import { given, givenList, prepared, preparedInsert, preparedUpdate } from './prepared.ts';
import { countConditions, type RunFilter, runConditions } from './run-filter.ts';
import { runCounts, runs } from './schema/runs.ts';

export type Run = typeof runs.$inferSelect;
export type NewRun = typeof runs.$inferInsert;
/** What of a run changed besides its row. */
type Announced = 'challenge' | 'plan';
type RunColumns = Partial<Omit<NewRun, 'id' | 'sequence' | 'status' | 'version'>>;

export type AppliedEvent = {
  runId: string;
  event: RunEvent;
  /** Who made it happen: a person's name, or `gatehouse`. */
  by: string;
  at: Date;
  /** Told in the history: an end reason, or a person's comment. */
  reason?: string | undefined;
  /** Other columns that change with the status. */
  set?: RunColumns;
  /** Nobody is to be notified: the code that the run comes to wait for is here already. */
  quietly?: boolean;
};

const rows = preparedInsert(runs);

/** Writes the run as `pending`, which is where every run begins, with the first line of its history. */
export function insertRun(transaction: Transaction, values: Omit<NewRun, 'status' | 'sequence'>): Run {
  const run = rows.get(transaction, { ...values, status: 'pending' });
  addHistory(transaction, {
    runId: run.id,
    event: 'created',
    from: null,
    to: run.status,
    at: run.createdAt,
    by: run.createdByName,
  });
  enqueueNotifications(transaction, run, { event: 'created', by: run.createdByName, at: run.createdAt });
  return run;
}

const isChanged = eq(runs.id, given('changedId', runs.id));
const always = { version: sql`${runs.version} + 1` };
const update = preparedUpdate(runs, { where: isChanged, always });
const guardedUpdate = preparedUpdate(runs, {
  where: and(isChanged, inArray(runs.status, givenList('sources'))),
  always,
});

/**
 * The one way to change a status: a guarded write, its line of history, its announcement and notifications in one transaction.
 * Throws `invalid_transition`, which says what status the run is in, and `not_found`.
 */
export function applyEvent(transaction: Transaction, applied: AppliedEvent): { run: Run; from: RunStatus } {
  const { runId, event } = applied;
  const from = requireRun(transaction, runId).status;
  const to = nextStatus(from, event);
  if (to === undefined) throw invalidTransition(runId, from, event);
  const set = { ...applied.set, status: to, ...(isTerminal(to) ? { endedAt: applied.at } : {}) };
  const run = guardedUpdate(transaction, set, { changedId: runId, sources: sourcesOf(event) });
  if (run === undefined) throw invalidTransition(runId, from, event);
  addHistory(transaction, { runId, event, from, to, at: applied.at, by: applied.by, reason: applied.reason });
  const concernsCode = [from, to].some((status) => phaseAwaitingMfa(status) !== undefined || canConfirm(status));
  const about: Announced[] = concernsCode ? ['challenge'] : [];
  enqueue(transaction, { runId, at: applied.at }, { kind: 'announce', version: run.version, about });
  if (!applied.quietly) enqueueNotifications(transaction, run, applied);
  return { run, from };
}

/** Changes what is no status, and tells the readers of the run; `set` may be empty when another table changed. */
export function touchRun(
  transaction: Transaction,
  runId: string,
  at: Date,
  set: RunColumns = {},
  about: Announced[] = ['challenge'],
): Run {
  const run = update(transaction, set, { changedId: runId });
  if (run === undefined) throw noSuchRun(runId);
  enqueue(transaction, { runId, at }, { kind: 'announce', version: run.version, about });
  return run;
}

/** What a constraint or `latest` has become. Told with the change of the run that goes with it. */
export function setRunVersion(transaction: Transaction, runId: string, terraformVersion: string): void {
  transaction.update(runs).set({ terraformVersion }).where(eq(runs.id, runId)).run();
}

const byId = prepared((database) =>
  database
    .select()
    .from(runs)
    .where(eq(runs.id, given('runId', runs.id)))
    .prepare(),
);

export function findRun(database: Database | Transaction, runId: string): Run | undefined {
  return byId(database).get({ runId });
}

export function requireRun(database: Database | Transaction, runId: string): Run {
  const run = findRun(database, runId);
  if (run === undefined) throw noSuchRun(runId);
  return run;
}

export function noSuchRun(runId: string): GatehouseError {
  return new GatehouseError('not_found', `There is no run ${runId} that you may see.`);
}

/** Few enough to be read and sorted; of more, a walk through all runs soon finds a page. */
const fewRuns = 1_000;

/** Newest first. */
export function listRuns(
  database: Database | Transaction,
  filter: RunFilter,
  page: { limit: number; offset: number },
): { runs: Run[]; totalCount: number } {
  const totalCount = countRuns(database, filter);
  const isFew = filter.statuses !== undefined && totalCount <= fewRuns;
  const rows = database
    .select()
    .from(runs)
    .where(runConditions(filter))
    // The plus keeps SQLite from walking through the runs in their order: those of a status are in an index of their own.
    .orderBy(isFew ? sql`+${runs.sequence} desc` : desc(runs.sequence))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { runs: rows, totalCount };
}

function countRuns(database: Database | Transaction, filter: RunFilter): number {
  const counted = countConditions(filter);
  const row =
    counted === undefined
      ? database.select({ count: count() }).from(runs).where(runConditions(filter)).get()
      : database
          .select({ count: sql<number>`coalesce(sum(${runCounts.runs}), 0)` })
          .from(runCounts)
          .where(counted)
          .get();
  return row?.count ?? 0;
}

function invalidTransition(runId: string, status: RunStatus, event: RunEvent): GatehouseError {
  return new GatehouseError('invalid_transition', `Run ${runId} is ${status}; ${event} cannot happen to it now.`);
}
