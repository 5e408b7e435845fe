import type { EndReason } from '@gatehouse/shared/end-reasons';
import { isTerminal, type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { askToCode, phaseDuration, queueWait, type Spread } from '../store/queue-durations.ts';
import { countByStatus, countEnded, countFailures, countTransitions } from '../store/queue-figures.ts';
import type { OperatorScope } from './operator-scope.ts';

type Dependencies = { database: Database; clock: Clock };

export type QueueBucket = {
  /** When the bucket begins. */
  at: Date;
  created: number;
  /** Runs that ended in the bucket, by the status that they ended in. */
  ended: ReadonlyMap<RunStatus, number>;
  /** How many were in each open status when the bucket ended. */
  open: ReadonlyMap<RunStatus, number>;
};

export type QueueHistory = {
  series: readonly QueueBucket[];
  /** Runs that ended, an hour. */
  throughputPerHour: number;
  askToCode: Spread;
  planDuration: Spread;
  applyDuration: Spread;
  queueWait: Spread;
  failures: readonly { reason: EndReason; count: number }[];
};

const hourMs = 3_600_000;
const openStatuses = runStatuses.filter((status) => !isTerminal(status));

/** How it went for the last `hours`. A long range of a busy installation takes a while, in steps between which requests come in. */
export async function readQueueHistory(
  dependencies: Dependencies,
  scope: OperatorScope,
  { hours, bucketMs }: { hours: number; bucketMs: number },
): Promise<QueueHistory> {
  const { database, clock } = dependencies;
  const since = new Date(clock.now().getTime() - hours * hourMs);
  const series = await readSeries(dependencies, scope, { count: Math.ceil((hours * hourMs) / bucketMs), bucketMs });
  const throughputPerHour = countEnded(database, scope, since) / hours;
  const failures = countFailures(database, scope, since);
  await breathe();
  const ask = askToCode(database, scope, since);
  await breathe();
  const planDuration = phaseDuration(database, scope, 'plan', since);
  await breathe();
  const applyDuration = phaseDuration(database, scope, 'apply', since);
  await breathe();
  const wait = queueWait(database, scope, since);
  return { series, throughputPerHour, askToCode: ask, planDuration, applyDuration, queueWait: wait, failures };
}

/**
 * What happened in each of the last `count` buckets, computed backwards from how it stands now by the changes that were
 * counted: the store adds them up, and no run is read by itself. Buckets that are over do not change any more.
 */
async function readSeries(
  { database, clock }: Dependencies,
  scope: OperatorScope,
  { count, bucketMs }: { count: number; bucketMs: number },
): Promise<QueueBucket[]> {
  // Buckets begin at round times, so that the next look has the same ones; the last is the one that is not over.
  const last = Math.floor(clock.now().getTime() / bucketMs) * bucketMs;
  const standing = new Map(countByStatus(database, scope, openStatuses));
  const buckets: QueueBucket[] = [];
  for (let index = 0; index < count; index++) {
    const at = last - index * bucketMs;
    const ended = new Map<RunStatus, number>();
    const open = new Map(standing);
    let created = 0;
    for (const { from, to, count: times } of countTransitions(database, scope, new Date(at), new Date(at + bucketMs))) {
      if (from === null) created += times;
      else add(standing, from, times);
      add(standing, to, -times);
      if (isTerminal(to)) add(ended, to, times);
    }
    buckets.unshift({ at: new Date(at), created, ended, open });
    // The first is counted in the same moment as what stands now.
    await breathe();
  }
  return buckets;
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function add(counts: Map<RunStatus, number>, status: RunStatus, times: number): void {
  counts.set(status, (counts.get(status) ?? 0) + times);
}
