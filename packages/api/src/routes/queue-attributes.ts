import type { RunStatus } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import type { QueueNow } from '../services/read-queue.ts';
import type { QueueBucket } from '../services/read-queue-history.ts';
import type { Spread } from '../store/queue-durations.ts';
import { timestamp, timestampOf } from './json-api.ts';

/** How the queue stands: in the answer of the dashboard and, every few seconds, on the operators' stream. */
export const queueNowSchema = z.object({
  pending: z.int(),
  'awaiting-mfa': z.int(),
  'plan-queued': z.int(),
  planning: z.int(),
  /** Those of saved plans too. */
  planned: z.int(),
  'apply-queued': z.int(),
  applying: z.int(),
  /** Phases that wait for a worker, and that one works on. */
  queued: z.int(),
  running: z.int(),
  /** Phases that the fleet can work on at a time. */
  capacity: z.int(),
  'oldest-awaiting-mfa-at': timestamp.nullable(),
  'oldest-queued-at': timestamp.nullable(),
  /** Since 00:00 UTC. */
  'failed-today': z.int(),
});

export function queueNowAttributes(now: QueueNow): z.infer<typeof queueNowSchema> {
  const count = (status: RunStatus) => now.open.get(status) ?? 0;
  return {
    pending: count('pending'),
    'awaiting-mfa': now.awaitingMfa,
    'plan-queued': count('plan_queued'),
    planning: count('planning'),
    planned: count('planned') + count('planned_and_saved'),
    'apply-queued': count('apply_queued'),
    applying: count('applying'),
    queued: now.queued,
    running: now.running,
    capacity: now.capacity,
    'oldest-awaiting-mfa-at': timestampOf(now.oldestAwaitingAt),
    'oldest-queued-at': timestampOf(now.oldestQueuedAt),
    'failed-today': now.failedToday,
  };
}

export const queueBucketSchema = z.object({
  at: timestamp,
  created: z.int(),
  applied: z.int(),
  'planned-and-finished': z.int(),
  errored: z.int(),
  discarded: z.int(),
  canceled: z.int(),
  /** At the end of the bucket; `done` and `failed` are those that ended in it. */
  states: z.object({
    waiting: z.int(),
    'awaiting-mfa': z.int(),
    queued: z.int(),
    running: z.int(),
    done: z.int(),
    failed: z.int(),
  }),
});

export function queueBucketAttributes({ at, created, ended, open }: QueueBucket): z.infer<typeof queueBucketSchema> {
  const endedAs = (status: RunStatus) => ended.get(status) ?? 0;
  const stand = (...statuses: RunStatus[]) => statuses.reduce((sum, status) => sum + (open.get(status) ?? 0), 0);
  const all = [...ended.values()].reduce((sum, count) => sum + count, 0);
  return {
    at: timestampOf(at),
    created,
    applied: endedAs('applied'),
    'planned-and-finished': endedAs('planned_and_finished'),
    errored: endedAs('errored'),
    discarded: endedAs('discarded'),
    canceled: endedAs('canceled'),
    states: {
      waiting: stand('pending', 'planned', 'planned_and_saved'),
      'awaiting-mfa': stand('awaiting_plan_mfa', 'awaiting_apply_mfa'),
      queued: stand('plan_queued', 'apply_queued'),
      running: stand('planning', 'applying'),
      done: all - endedAs('errored'),
      failed: endedAs('errored'),
    },
  };
}

export const spreadSchema = z.object({
  count: z.int(),
  'p50-seconds': z.number().nullable(),
  'p95-seconds': z.number().nullable(),
});

export function spreadAttributes({ count, p50Ms, p95Ms }: Spread): z.infer<typeof spreadSchema> {
  const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);
  return { count, 'p50-seconds': seconds(p50Ms), 'p95-seconds': seconds(p95Ms) };
}
