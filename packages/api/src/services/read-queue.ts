import {
  claimablePhase,
  isTerminal,
  phaseAwaitingMfa,
  type RunStatus,
  runningPhase,
  runStatuses,
} from '@gatehouse/shared/run-status';
import { workerLostAfterMs } from '@gatehouse/shared/worker-api';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import {
  countByStatus,
  countFailures,
  countTransitions,
  oldestAwaiting,
  oldestQueued,
} from '../store/queue-figures.ts';
import { listWorkers } from '../store/workers.ts';
import type { OperatorScope } from './operator-scope.ts';

type Dependencies = { database: Database; clock: Clock };

const openStatuses = runStatuses.filter((status) => !isTerminal(status));
const dayMs = 86_400_000;

export type QueueNow = {
  /** How many runs are in each status that is not the end; absent: none. */
  open: ReadonlyMap<RunStatus, number>;
  awaitingMfa: number;
  queued: number;
  running: number;
  /** Phases that the fleet can run at a time: of workers that are heard of and take new ones. */
  capacity: number;
  oldestAwaitingAt: Date | null;
  oldestQueuedAt: Date | null;
  /** Since 00:00 UTC. */
  failedToday: number;
};

/** How the queue stands at this moment: a few counts on indexes, fit to be taken every few seconds. */
export function readQueueNow({ database, clock }: Dependencies, scope: OperatorScope): QueueNow {
  const now = clock.now().getTime();
  const open = countByStatus(database, scope, openStatuses);
  const sum = (isCounted: (status: RunStatus) => boolean) =>
    openStatuses.filter(isCounted).reduce((total, status) => total + (open.get(status) ?? 0), 0);
  const failures = countFailures(database, scope, new Date(now - (now % dayMs)));
  return {
    open,
    awaitingMfa: sum((status) => phaseAwaitingMfa(status) !== undefined),
    queued: sum((status) => claimablePhase(status) !== undefined),
    running: sum((status) => runningPhase(status) !== undefined),
    capacity: listWorkers(database)
      .filter(({ draining, lastSeenAt }) => !draining && now - lastSeenAt.getTime() < workerLostAfterMs)
      .reduce((total, { concurrency }) => total + concurrency, 0),
    oldestAwaitingAt: oldestAwaiting(database, scope),
    oldestQueuedAt: oldestQueued(database, scope),
    failedToday: failures.reduce((total, { count }) => total + count, 0),
  };
}

export type QueueBucket = {
  /** When the bucket begins. */
  at: Date;
  created: number;
  /** Runs that ended in the bucket, by the status that they ended in. */
  ended: ReadonlyMap<RunStatus, number>;
  /** How many were in each open status when the bucket ended. */
  open: ReadonlyMap<RunStatus, number>;
};

/**
 * What happened in each of the last `count` buckets. Computed backwards from how it stands now, by the changes that were
 * counted: the store adds them up, and no run is read by itself.
 */
export function readQueueSeries(
  { database, clock }: Dependencies,
  scope: OperatorScope,
  { count, bucketMs }: { count: number; bucketMs: number },
): QueueBucket[] {
  // Buckets begin at round times, so that the next look has the same ones; the last is the one that is not over.
  const last = Math.floor(clock.now().getTime() / bucketMs) * bucketMs;
  const first = last - (count - 1) * bucketMs;
  const transitions = countTransitions(database, scope, new Date(first), bucketMs);
  const byBucket = Map.groupBy(transitions, ({ bucket }) => bucket);
  const standing = new Map(countByStatus(database, scope, openStatuses));
  const buckets: QueueBucket[] = [];
  for (let index = count - 1; index >= 0; index--) {
    const ended = new Map<RunStatus, number>();
    const open = new Map(standing);
    let created = 0;
    for (const { from, to, count: times } of byBucket.get(index) ?? []) {
      if (from === null) created += times;
      else add(standing, from, times);
      add(standing, to, -times);
      if (isTerminal(to)) add(ended, to, times);
    }
    buckets.unshift({ at: new Date(first + index * bucketMs), created, ended, open });
  }
  return buckets;
}

function add(counts: Map<RunStatus, number>, status: RunStatus, times: number): void {
  counts.set(status, (counts.get(status) ?? 0) + times);
}
