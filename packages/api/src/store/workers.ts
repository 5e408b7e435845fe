import type { Heartbeat } from '@gatehouse/shared/worker-api';
import { desc, lt } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { workers } from './schema/runs.ts';

export type WorkerRow = typeof workers.$inferSelect;

export function recordSighting(
  transaction: Transaction,
  workerId: string,
  beat: Omit<Heartbeat, 'claims'>,
  at: Date,
): void {
  const { name, version, concurrency, sandbox, draining } = beat;
  const seen = { name, version, concurrency, sandbox, draining, lastSeenAt: at };
  transaction
    .insert(workers)
    .values({ id: workerId, firstSeenAt: at, ...seen })
    .onConflictDoUpdate({ target: workers.id, set: seen })
    .run();
}

/** Last seen first. */
export function listWorkers(database: Database): WorkerRow[] {
  return database.select().from(workers).orderBy(desc(workers.lastSeenAt)).all();
}

export function forgetWorkers(database: Database, notSeenSince: Date): void {
  database.delete(workers).where(lt(workers.lastSeenAt, notSeenSince)).run();
}
