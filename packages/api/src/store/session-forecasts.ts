import type { Phase } from '@gatehouse/shared/run-status';
import { and, desc, eq, isNotNull, or } from 'drizzle-orm';
import {
  type EarlierPhase,
  forecastSession,
  type LengthSettings,
  type SessionForecast,
} from '../domain/session-length.ts';
import { type Challenge, isOpen } from './challenges.ts';
import type { Database, Transaction } from './database.ts';
import { runPhases, runs } from './schema/runs.ts';

/** Enough to tell what is usual, and recent enough to tell what is usual now. */
const mostEarlier = 50;
/** A workspace whose runs hardly ever come to an apply is not searched to its beginning. */
const mostRunsSearched = 1_000;

/** The session that a phase of this workspace or run would ask for now. */
export function forecastOf(
  database: Database | Transaction,
  of: LengthSettings & { workspaceId: string },
  phase: Phase,
  { isChained = false }: { isChained?: boolean } = {},
): SessionForecast {
  return forecastSession(of, earlierPhases(database, of.workspaceId, phase), { isChained });
}

/** By id, the sessions that open challenges are about to ask for. Of what runs already, nobody can say how long it still takes. */
export function plannedSessions(
  database: Database | Transaction,
  waiting: readonly { challenge: Challenge; run: LengthSettings & { workspaceId: string } }[],
): Map<string, SessionForecast> {
  const planned = waiting.filter(({ challenge }) => isOpen(challenge));
  return new Map(
    planned.map(({ challenge, run }) => {
      const forecast = forecastOf(database, run, challenge.phase);
      const shown = challenge.extension === 0 ? forecast : { ...forecast, expectedSeconds: null, isEnough: true };
      return [challenge.id, shown];
    }),
  );
}

/** By the runs of the workspace, newest first, and the key of their phases: no table is searched. */
function earlierPhases(database: Database | Transaction, workspaceId: string, phase: Phase): EarlierPhase[] {
  const newest = database
    .select({ id: runs.id, sequence: runs.sequence, endReason: runs.endReason })
    .from(runs)
    .where(eq(runs.workspaceId, workspaceId))
    .orderBy(desc(runs.sequence))
    .limit(mostRunsSearched)
    .as('newest');
  const wasCutShort = and(eq(runPhases.outcome, 'errored'), eq(newest.endReason, 'session_expired'));
  return database
    .select({ outcome: runPhases.outcome, queuedAt: runPhases.queuedAt, endedAt: runPhases.endedAt })
    .from(newest)
    .innerJoin(runPhases, and(eq(runPhases.runId, newest.id), eq(runPhases.phase, phase)))
    .where(
      and(
        isNotNull(runPhases.queuedAt),
        isNotNull(runPhases.endedAt),
        or(eq(runPhases.outcome, 'finished'), wasCutShort),
      ),
    )
    .orderBy(desc(newest.sequence))
    .limit(mostEarlier)
    .all()
    .map(({ outcome, queuedAt, endedAt }) => ({
      tookMs: (endedAt?.getTime() ?? 0) - (queuedAt?.getTime() ?? 0),
      wasCutShort: outcome !== 'finished',
    }));
}
