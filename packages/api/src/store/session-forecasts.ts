import type { Phase } from '@gatehouse/shared/run-status';
import { and, desc, eq, gt, isNotNull, or } from 'drizzle-orm';
import {
  type EarlierPhase,
  forecastSession,
  type LengthSettings,
  type SessionForecast,
} from '../domain/session-length.ts';
import { type Challenge, isExtension, isOpen } from './challenges.ts';
import type { Database, Transaction } from './database.ts';
import { given, prepared } from './prepared.ts';
import { runPhases, runs } from './schema/runs.ts';

/** Enough to tell what is usual, and recent enough to tell what is usual now. */
const mostEarlier = 50;
/** A workspace whose runs hardly ever come to an apply is not searched to its beginning. */
const mostRunsSearched = 300;

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
  const earlier = new Map<string, EarlierPhase[]>();
  return new Map(
    planned.map(({ challenge, run }) => {
      const place = `${run.workspaceId} ${challenge.phase}`;
      const known = earlier.get(place) ?? earlierPhases(database, run.workspaceId, challenge.phase);
      earlier.set(place, known);
      const forecast = forecastSession(run, known, { isChained: false });
      const shown = isExtension(challenge) ? { ...forecast, expectedSeconds: null, isEnough: true } : forecast;
      return [challenge.id, shown];
    }),
  );
}

const ofWorkspace = eq(runs.workspaceId, given('workspaceId', runs.workspaceId));
const oldestSearched = prepared((database) =>
  database
    .select({ sequence: runs.sequence })
    .from(runs)
    .where(ofWorkspace)
    .orderBy(desc(runs.sequence))
    .limit(1)
    .offset(mostRunsSearched)
    .prepare(),
);

const wasCutShort = and(eq(runPhases.outcome, 'errored'), eq(runs.endReason, 'session_expired'));
const endedPhases = prepared((database) =>
  database
    .select({ outcome: runPhases.outcome, queuedAt: runPhases.queuedAt, endedAt: runPhases.endedAt })
    .from(runs)
    .innerJoin(runPhases, and(eq(runPhases.runId, runs.id), eq(runPhases.phase, given('phase', runPhases.phase))))
    .where(
      and(
        ofWorkspace,
        gt(runs.sequence, given('after', runs.sequence)),
        isNotNull(runPhases.queuedAt),
        isNotNull(runPhases.endedAt),
        or(eq(runPhases.outcome, 'finished'), wasCutShort),
      ),
    )
    .orderBy(desc(runs.sequence))
    .limit(mostEarlier)
    .prepare(),
);

/** From the newest run of the workspace back, each with the key of its phase, until enough are found: no table is searched. */
function earlierPhases(database: Database | Transaction, workspaceId: string, phase: Phase): EarlierPhase[] {
  const after = oldestSearched(database).get({ workspaceId })?.sequence ?? 0;
  return endedPhases(database)
    .all({ workspaceId, phase, after })
    .map(({ outcome, queuedAt, endedAt }) => ({
      tookMs: (endedAt?.getTime() ?? 0) - (queuedAt?.getTime() ?? 0),
      wasCutShort: outcome !== 'finished',
    }));
}
