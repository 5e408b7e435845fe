import { runningPhase, runStatuses } from '@gatehouse/shared/run-status';
import type { Heartbeat } from '@gatehouse/shared/worker-api';
import { and, desc, eq, inArray, isNull, lt } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { soleOrganization } from './organizations.ts';
import { runPhases, runs } from './schema/runs.ts';
import { workers } from './schema/workers.ts';
import { workspaces } from './schema/workspaces.ts';

export type WorkerRow = typeof workers.$inferSelect;

/** Answers how the worker was known before; undefined: it is new. */
export function recordSighting(
  transaction: Transaction,
  workerId: string,
  beat: Omit<Heartbeat, 'claims'>,
  at: Date,
): WorkerRow | undefined {
  const before = findWorker(transaction, workerId);
  const { name, version, concurrency, sandbox, draining } = beat;
  const seen = { name, version, concurrency, sandbox, draining, lastSeenAt: at };
  transaction
    .insert(workers)
    .values({ id: workerId, firstSeenAt: at, ...seen })
    .onConflictDoUpdate({ target: workers.id, set: seen })
    .run();
  return before;
}

export function findWorker(database: Database | Transaction, id: string): WorkerRow | undefined {
  return database.select().from(workers).where(eq(workers.id, id)).get();
}

/** Last seen first. */
export function listWorkers(database: Database): WorkerRow[] {
  return database.select().from(workers).orderBy(desc(workers.lastSeenAt)).all();
}

/** What each worker is working on, as the store knows it. */
export function phasesAtWork(database: Database) {
  const running = runStatuses.filter((status) => runningPhase(status) !== undefined);
  return database
    .select({
      workerId: runPhases.workerId,
      runId: runPhases.runId,
      phase: runPhases.phase,
      startedAt: runPhases.startedAt,
      organization: runs.organization,
      workspaceName: workspaces.name,
    })
    .from(runs)
    .innerJoin(runPhases, eq(runPhases.runId, runs.id))
    .innerJoin(workspaces, eq(workspaces.id, runs.workspaceId))
    .where(and(inArray(runs.status, running), isNull(runPhases.outcome)))
    .all()
    .filter(({ workerId }) => workerId !== null);
}

/** Asks a worker to take no new phase, or takes that back; the worker learns it with its next heartbeat. */
export async function setDrainRequested(
  database: Database,
  actor: Actor,
  change: { worker: WorkerRow; isRequested: boolean },
  now: Date,
): Promise<void> {
  const { worker, isRequested } = change;
  inTransaction(database, (transaction) => {
    transaction
      .update(workers)
      .set(
        isRequested
          ? { drainRequestedBy: actor.username, drainRequestedAt: now }
          : { drainRequestedBy: null, drainRequestedAt: null },
      )
      .where(eq(workers.id, worker.id))
      .run();
    recordAudit(transaction, {
      // It concerns everybody; in an installation of one organization its owners read it there.
      organization: soleOrganization(transaction),
      actor,
      action: isRequested ? 'worker.drained' : 'worker.resumed',
      targetType: 'workers',
      targetId: worker.id,
      details: { name: worker.name },
      at: now,
    });
  });
}

export function forgetWorkers(database: Database, notSeenSince: Date): void {
  database.delete(workers).where(lt(workers.lastSeenAt, notSeenSince)).run();
}
