import { and, asc, eq, lte, min, sql } from 'drizzle-orm';
import { type OutboxTask, outboxTask } from '../domain/outbox-task.ts';
import type { Database, Transaction } from './database.ts';
import { given, prepared, preparedInsert } from './prepared.ts';
import { outbox } from './schema/runs.ts';

/** `readTask` may throw: a row of another release is pushed back like a task that failed. */
export type OutboxRow = { sequence: number; attempts: number; kind: string; readTask(): OutboxTask };

const rows = preparedInsert(outbox);

/** Part of the transaction of the change that the tasks follow from. */
export function enqueue(transaction: Transaction, to: { runId: string; at: Date }, ...tasks: OutboxTask[]): void {
  for (const { kind, ...payload } of tasks) {
    rows.run(transaction, { runId: to.runId, kind, payload, createdAt: to.at, dueAt: to.at });
  }
}

/** Has pages told that settings, locks or variables changed. `workspaceId` null: of the whole organization. */
export function announceSettingsChange(
  transaction: Transaction,
  changed: { organization: string; workspaceId: string | null; workspace: string | null },
  at: Date,
): void {
  // The outbox keeps order within one thing, a run or, here, whatever has these settings.
  const thing = changed.workspaceId ?? changed.organization;
  enqueue(transaction, { runId: thing, at }, { kind: 'announce-settings', ...changed });
}

const runsWithDue = prepared((database) =>
  database
    // SQLite gives bare columns of a grouped query from the row that has the minimum (sqlite.org/lang_select.html §2.5).
    .select({ runId: outbox.runId, first: min(outbox.sequence), dueAt: outbox.dueAt })
    .from(outbox)
    .groupBy(outbox.runId)
    .having(lte(outbox.dueAt, given('now', outbox.dueAt)))
    .orderBy(sql`2`)
    .limit(sql.placeholder('limit'))
    .prepare(),
);

/** Runs whose oldest task is due: a task that was pushed back holds the later ones of its run, and of no other. */
export function runsWithDueTasks(database: Database, now: Date, limit: number): string[] {
  return runsWithDue(database)
    .all({ now, limit })
    .map(({ runId }) => runId);
}

const oldestOf = prepared((database) =>
  database
    .select({
      sequence: outbox.sequence,
      attempts: outbox.attempts,
      kind: outbox.kind,
      payload: outbox.payload,
      dueAt: outbox.dueAt,
    })
    .from(outbox)
    .where(eq(outbox.runId, given('runId', outbox.runId)))
    .orderBy(asc(outbox.sequence))
    .limit(sql.placeholder('limit'))
    .prepare(),
);

/** The oldest tasks of the run, in order, up to the first that is not due. */
export function nextTasks(database: Database, runId: string, now: Date, limit: number): OutboxRow[] {
  const rows = oldestOf(database).all({ runId, limit });
  const pushedBack = rows.findIndex(({ dueAt }) => dueAt > now);
  return (pushedBack < 0 ? rows : rows.slice(0, pushedBack)).map(({ sequence, attempts, kind, payload }) => ({
    sequence,
    attempts,
    kind,
    readTask: () => outboxTask.parse({ kind, ...(payload instanceof Object ? payload : {}) }),
  }));
}

const doneUpTo = prepared((database) =>
  database
    .delete(outbox)
    .where(
      and(eq(outbox.runId, given('runId', outbox.runId)), lte(outbox.sequence, given('sequence', outbox.sequence))),
    )
    .prepare(),
);

/** The task is done, and with it all older ones of its run. */
export function completeTasks(database: Database, runId: string, sequence: number): void {
  doneUpTo(database).run({ runId, sequence });
}

export function postponeTask(database: Database, sequence: number, dueAt: Date): void {
  database
    .update(outbox)
    .set({ dueAt, attempts: sql`${outbox.attempts} + 1` })
    .where(eq(outbox.sequence, sequence))
    .run();
}

/** Whether something of the run is still to be done outside, so that nobody runs ahead of it. */
export function hasTasks(database: Database, runId: string): boolean {
  return (
    database.select({ sequence: outbox.sequence }).from(outbox).where(eq(outbox.runId, runId)).limit(1).get() !==
    undefined
  );
}
