import { canConfirm, phaseAwaitingMfa, runningPhase, runStatuses } from '@gatehouse/shared/run-status';
import { and, eq, exists, gt, inArray, or, sql } from 'drizzle-orm';
import { openStates } from './challenges.ts';
import type { Database } from './database.ts';
import type { Run } from './runs.ts';
import { challenges } from './schema/challenges.ts';
import { runs } from './schema/runs.ts';

/** A person is what these wait for: with a code, or with a decision on a finished plan. */
const waiting = runStatuses.filter((status) => phaseAwaitingMfa(status) !== undefined || canConfirm(status));

/** While a phase runs, a code that extends its session may be waited for. */
const running = runStatuses.filter((status) => runningPhase(status) !== undefined);

/** The runs of these organizations that wait for a person. */
export function waitingRuns(database: Database, organizations: readonly string[]): Run[] {
  if (organizations.length === 0) return [];
  const openExtension = database
    .select({ id: challenges.id })
    .from(challenges)
    .where(and(eq(challenges.runId, runs.id), gt(challenges.extension, 0), inArray(challenges.state, openStates)));
  return database
    .select()
    .from(runs)
    .where(
      and(
        inArray(runs.organization, [...organizations]),
        // For the index: without it all runs are read.
        inArray(runs.status, [...waiting, ...running]),
        or(inArray(runs.status, waiting), and(inArray(runs.status, running), exists(openExtension))),
      ),
    )
    .orderBy(sql`+${runs.sequence}`)
    .all();
}
