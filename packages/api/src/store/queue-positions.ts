import { runStatuses } from '@gatehouse/shared/run-status';
import { and, count, eq, gt, inArray, lte } from 'drizzle-orm';
import { isQueued } from '../domain/run.ts';
import type { Database } from './database.ts';
import type { Run } from './runs.ts';
import { runs } from './schema/runs.ts';

const queuedStatuses = runStatuses.filter(isQueued);

/**
 * Places among all runs of an organization that wait for their turn or for a worker, by run: 1 is the next. Runs that do
 * not wait are left out. Counts on from one run to the next, so that a long queue is walked once a page.
 */
export function queuePositions(database: Database, page: readonly Run[]): Map<string, number> {
  const positions = new Map<string, number>();
  const waiting = page.filter(({ status }) => isQueued(status)).toSorted((a, b) => a.sequence - b.sequence);
  for (const [organization, theirs] of Map.groupBy(waiting, (run) => run.organization)) {
    let position = 0;
    let after = 0;
    for (const { id, sequence } of theirs) {
      position += countBetween(database, organization, after, sequence);
      after = sequence;
      positions.set(id, position);
    }
  }
  return positions;
}

function countBetween(database: Database, organization: string, after: number, upTo: number): number {
  const where = and(
    eq(runs.organization, organization),
    inArray(runs.status, queuedStatuses),
    gt(runs.sequence, after),
    lte(runs.sequence, upTo),
  );
  return database.select({ count: count() }).from(runs).where(where).get()?.count ?? 0;
}
