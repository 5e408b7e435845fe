import { canConfirm, phaseAwaitingMfa, runStatuses } from '@gatehouse/shared/run-status';
import { and, asc, inArray } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { Run } from './runs.ts';
import { runs } from './schema/runs.ts';

/** A person is what these wait for: with a code, or with a decision on a finished plan. */
const waiting = runStatuses.filter((status) => phaseAwaitingMfa(status) !== undefined || canConfirm(status));

/** The runs of these organizations that wait for a person. */
export function waitingRuns(database: Database, organizations: readonly string[]): Run[] {
  if (organizations.length === 0) return [];
  return database
    .select()
    .from(runs)
    .where(and(inArray(runs.organization, [...organizations]), inArray(runs.status, waiting)))
    .orderBy(asc(runs.sequence))
    .all();
}
