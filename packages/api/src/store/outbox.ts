import { asc, eq, lte, min, sql } from 'drizzle-orm';
import { type OutboxTask, outboxTask } from '../domain/outbox-task.ts';
import type { Database, Transaction } from './database.ts';
import { outbox } from './schema/runs.ts';

/** `readTask` may throw: a row of another release is pushed back like a task that failed. */
export type OutboxRow = { sequence: number; attempts: number; kind: string; readTask(): OutboxTask };

/** Part of the transaction of the change that the tasks follow from. */
export function enqueue(transaction: Transaction, to: { runId: string; at: Date }, ...tasks: OutboxTask[]): void {
  for (const { kind, ...payload } of tasks) {
    transaction.insert(outbox).values({ runId: to.runId, kind, payload, createdAt: to.at, dueAt: to.at }).run();
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

/** Runs whose oldest task is due: a task that was pushed back holds the later ones of its run, and of no other. */
export function runsWithDueTasks(database: Database, now: Date, limit: number): string[] {
  // SQLite gives bare columns of a grouped query from the row that has the minimum (sqlite.org/lang_select.html §2.5).
  return database
    .select({ runId: outbox.runId, first: min(outbox.sequence), dueAt: outbox.dueAt })
    .from(outbox)
    .groupBy(outbox.runId)
    .having(lte(outbox.dueAt, now))
    .orderBy(sql`2`)
    .limit(limit)
    .all()
    .map(({ runId }) => runId);
}

/** The oldest task of the run, if it is due. */
export function nextTask(database: Database, runId: string, now: Date): OutboxRow | undefined {
  const row = database
    .select()
    .from(outbox)
    .where(eq(outbox.runId, runId))
    .orderBy(asc(outbox.sequence))
    .limit(1)
    .get();
  if (row === undefined || row.dueAt > now) return undefined;
  const { sequence, attempts, kind, payload } = row;
  return {
    sequence,
    attempts,
    kind,
    readTask: () => outboxTask.parse({ kind, ...(payload instanceof Object ? payload : {}) }),
  };
}

export function completeTask(database: Database, sequence: number): void {
  database.delete(outbox).where(eq(outbox.sequence, sequence)).run();
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
