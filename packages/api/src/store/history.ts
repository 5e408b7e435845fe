import type { RunEvent, RunStatus } from '@gatehouse/shared/run-status';
import { asc, eq, inArray } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { givenList, prepared, preparedInsert } from './prepared.ts';
import { runHistory } from './schema/runs.ts';

export type HistoryRow = typeof runHistory.$inferSelect;

export type HistoryEntry = {
  runId: string;
  event: RunEvent | 'created';
  from: RunStatus | null;
  to: RunStatus;
  at: Date;
  /** A person's name, or `gatehouse`. */
  by: string;
  reason?: string | undefined;
};

const rows = preparedInsert(runHistory);

export function addHistory(transaction: Transaction, entry: HistoryEntry): void {
  rows.run(transaction, {
    runId: entry.runId,
    event: entry.event,
    fromStatus: entry.from,
    toStatus: entry.to,
    at: entry.at,
    by: entry.by,
    reason: entry.reason ?? null,
  });
}

/** What happened to the run, oldest first. */
export function listHistory(database: Database | Transaction, runId: string): HistoryRow[] {
  return database.select().from(runHistory).where(eq(runHistory.runId, runId)).orderBy(asc(runHistory.sequence)).all();
}

const ofRuns = prepared((database) =>
  database
    .select()
    .from(runHistory)
    .where(inArray(runHistory.runId, givenList('runIds')))
    .orderBy(asc(runHistory.sequence))
    .prepare(),
);

export function historyOfRuns(database: Database | Transaction, runIds: readonly string[]): HistoryRow[] {
  return ofRuns(database).all({ runIds });
}
