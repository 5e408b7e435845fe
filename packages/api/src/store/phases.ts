import type { PhaseOutcome } from '@gatehouse/shared/api-status';
import { newId } from '@gatehouse/shared/ids';
import { claimablePhase, type Phase, phases, runningPhase, runStatuses } from '@gatehouse/shared/run-status';
import { and, asc, eq, gt, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { given, givenList, prepared, preparedInsert } from './prepared.ts';
import { runPhases, runs } from './schema/runs.ts';

export type RunPhase = typeof runPhases.$inferSelect;

const rows = preparedInsert(runPhases);

/** The plan and the apply of a new run: clients follow both relations from the start, and some crash without. */
export function insertPhases(transaction: Transaction, runId: string, at: Date): void {
  for (const phase of phases) {
    rows.run(transaction, { runId, phase, id: newId(phase, at.getTime()) });
  }
}

const ofRun = prepared((database) =>
  database
    .select()
    .from(runPhases)
    .where(
      and(eq(runPhases.runId, given('runId', runPhases.runId)), eq(runPhases.phase, given('phase', runPhases.phase))),
    )
    .prepare(),
);

export function findPhase(database: Database | Transaction, runId: string, phase: Phase): RunPhase | undefined {
  return ofRun(database).get({ runId, phase });
}

export function findPhaseById(database: Database | Transaction, id: string): RunPhase | undefined {
  return database.select().from(runPhases).where(eq(runPhases.id, id)).get();
}

const ofRuns = prepared((database) =>
  database
    .select()
    .from(runPhases)
    .where(inArray(runPhases.runId, givenList('runIds')))
    .prepare(),
);

export function phasesOfRuns(database: Database | Transaction, runIds: readonly string[]): RunPhase[] {
  return ofRuns(database).all({ runIds });
}

export function updatePhase(
  transaction: Transaction,
  runId: string,
  phase: Phase,
  set: Partial<Omit<RunPhase, 'runId' | 'phase' | 'id'>>,
): void {
  transaction
    .update(runPhases)
    .set(set)
    .where(and(eq(runPhases.runId, runId), eq(runPhases.phase, phase)))
    .run();
}

/** Ends the phase that this claim runs; false when the claim does not run it (any more), so a late report changes nothing. */
export function endClaimedPhase(
  transaction: Transaction,
  { runId, phase, claimId }: { runId: string; phase: Phase; claimId: string },
  set: { outcome: PhaseOutcome; endedAt: Date } & Partial<RunPhase>,
): boolean {
  const { changes } = transaction
    .update(runPhases)
    .set(set)
    .where(
      and(
        eq(runPhases.claimId, claimId),
        eq(runPhases.runId, runId),
        eq(runPhases.phase, phase),
        isNull(runPhases.outcome),
      ),
    )
    .run();
  return changes === 1;
}

/** Remembers that a worker still names these claims. */
export function markClaimsAlive(transaction: Transaction, claimIds: readonly string[], at: Date): void {
  if (claimIds.length === 0) return;
  transaction
    .update(runPhases)
    .set({ lastSeenAt: at })
    .where(inArray(runPhases.claimId, [...claimIds]))
    .run();
}

export function phasesOfClaims(database: Database | Transaction, claimIds: readonly string[]): RunPhase[] {
  if (claimIds.length === 0) return [];
  return database
    .select()
    .from(runPhases)
    .where(inArray(runPhases.claimId, [...claimIds]))
    .all();
}

/**
 * Phases that terraform should be running in, of which no heartbeat has spoken since `before`: also those that were last
 * heard of after `now`, by a clock that was put back since.
 */
export function silentPhases(database: Database, { before, now }: { before: Date; now: Date }): RunPhase[] {
  const running = runStatuses.filter((status) => runningPhase(status) !== undefined);
  const heardAt = sql<number>`coalesce(${runPhases.lastSeenAt}, ${runPhases.startedAt})`;
  return database
    .select({ phase: runPhases })
    .from(runPhases)
    .innerJoin(runs, eq(runs.id, runPhases.runId))
    .where(
      and(
        inArray(runs.status, running),
        isNull(runPhases.outcome),
        or(lt(heardAt, before.getTime()), gt(heardAt, now.getTime())),
      ),
    )
    .all()
    .map(({ phase }) => phase);
}

/** Phases whose session is to be extended by a code, from `now` on. */
export function phasesToAsk(database: Database | Transaction, now: Date, limit: number): RunPhase[] {
  return database
    .select()
    .from(runPhases)
    .where(lte(runPhases.sessionAsksAt, now))
    .orderBy(asc(runPhases.sessionAsksAt))
    .limit(limit)
    .all();
}

/** Phases that wait for a worker since before `before`. */
export function queuedPhases(database: Database, before: Date): RunPhase[] {
  return runStatuses.flatMap((status) => {
    const phase = claimablePhase(status);
    if (phase === undefined) return [];
    return database
      .select({ phase: runPhases })
      .from(runs)
      .innerJoin(runPhases, and(eq(runPhases.runId, runs.id), eq(runPhases.phase, phase)))
      .where(and(eq(runs.status, status), lt(runPhases.queuedAt, before)))
      .all()
      .map((row) => row.phase);
  });
}
