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
import { countByStatus, countFailures, oldestAwaiting, oldestQueued } from '../store/queue-figures.ts';
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
