import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { PageEvents } from '../queue/page-events.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import type { Database } from '../store/database.ts';
import { findLanePause, setLanePaused } from '../store/lane-pauses.ts';
import type { PausableLane } from '../store/schema/workers.ts';
import { findWorker, setDrainRequested } from '../store/workers.ts';
import { announceWorker } from './announce.ts';
import { requireMayOperate } from './operator-scope.ts';

export type OperateDependencies = {
  database: Database;
  clock: Clock;
  queue: Pick<RunQueue, 'setPaused'>;
  pageEvents: Pick<PageEvents, 'publish'>;
};

/**
 * Stops a lane, or lets it go on. `runs`: queued phases wait, running ones finish. `gate`: codes are refused while it
 * stands, so that none is lost; deadlines go on. Done again it changes nothing. Throws `forbidden`.
 */
export async function pauseLane(
  dependencies: OperateDependencies,
  actor: Actor,
  change: { lane: PausableLane; isPaused: boolean },
): Promise<void> {
  const { database, clock, queue } = dependencies;
  requireMayOperate(database, actor);
  const isNew = await setLanePaused(database, actor, change, clock.now());
  // Where Redis is away the sweep brings it to agree with the store.
  if (change.lane === 'runs') await queue.setPaused(change.isPaused);
  if (isNew) await announceWorker(dependencies, null);
}

/** A code that comes while codes are paused is not taken: nothing is spent, and the person knows. Throws `paused`. */
export function refuseWhilePaused(database: Database): void {
  const pause = findLanePause(database, 'gate');
  if (pause === undefined) return;
  throw new GatehouseError(
    'paused',
    `Codes are paused by \`${pause.by}\` since ${pause.at.toISOString()}. Nothing was sent to AWS and no try was used.`,
  );
}

/** Asks a worker to take no new phase, or lets it again. Codes are exchanged by it all the same. */
export async function drainWorker(
  dependencies: OperateDependencies,
  actor: Actor,
  change: { workerId: string; isRequested: boolean },
): Promise<void> {
  const { database, clock } = dependencies;
  requireMayOperate(database, actor);
  const worker = findWorker(database, change.workerId);
  if (worker === undefined) throw new GatehouseError('not_found', `There is no worker ${change.workerId}.`);
  if ((worker.drainRequestedAt !== null) === change.isRequested) return;
  await setDrainRequested(database, actor, { worker, isRequested: change.isRequested }, clock.now());
  await announceWorker(dependencies, worker.id);
}
