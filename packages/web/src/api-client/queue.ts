import * as z from 'zod/mini';
import { type Api, anything } from './api.ts';
import { instant, many, one, resource } from './json-api.ts';

export const queueRanges = [1, 24, 168] as const;
/** How far back, in hours. */
export type QueueRange = (typeof queueRanges)[number];

/** What is counted at the end of each slice of time. */
export const seriesStates = ['awaiting-mfa', 'queued', 'running', 'waiting', 'done', 'failed'] as const;
export type SeriesState = (typeof seriesStates)[number];

const pausedBy = z.nullable(z.object({ by: z.string(), at: instant }));
const percentiles = z.object({
  count: z.int(),
  'p50-seconds': z.nullable(z.number()),
  'p95-seconds': z.nullable(z.number()),
});
const queue = resource('queues', {
  now: z.object({
    'awaiting-mfa': z.int(),
    queued: z.int(),
    running: z.int(),
    capacity: z.int(),
    pending: z.int(),
    planned: z.int(),
    'oldest-awaiting-mfa-at': z.nullable(instant),
    'oldest-queued-at': z.nullable(instant),
    'failed-today': z.int(),
  }),
  paused: z.object({ runs: pausedBy, gate: pausedBy }),
  'can-operate': z.boolean(),
  series: z.array(
    z.object({
      at: instant,
      created: z.int(),
      applied: z.int(),
      'planned-and-finished': z.int(),
      errored: z.int(),
      states: z.object({
        'awaiting-mfa': z.int(),
        queued: z.int(),
        running: z.int(),
        waiting: z.int(),
        done: z.int(),
        failed: z.int(),
      }),
    }),
  ),
  'throughput-per-hour': z.number(),
  'ask-to-code': percentiles,
  'plan-duration': percentiles,
  'apply-duration': percentiles,
  'queue-wait': percentiles,
  failures: z.array(z.object({ reason: z.nullable(z.string()), sentence: z.nullable(z.string()), count: z.int() })),
  'waits-by-device': z.array(
    z.object({
      device: z.object({ id: z.string(), label: z.string() }),
      count: z.int(),
      'oldest-at': z.nullable(instant),
    }),
  ),
});

export const workerStates = ['working', 'idle', 'draining', 'no_sign'] as const;
const worker = resource('workers', {
  name: z.string(),
  version: z.string(),
  sandbox: z.string(),
  concurrency: z.nullish(z.int()),
  state: z.enum(workerStates),
  draining: z.boolean(),
  'drain-requested-by': z.nullable(z.string()),
  'last-seen-at': instant,
  'lost-at': z.nullable(instant),
  phases: z.array(
    z.object({
      'run-id': z.string(),
      phase: z.string(),
      organization: z.string(),
      workspace: z.string(),
      'started-at': z.nullable(instant),
    }),
  ),
  'hidden-phases': z.int(),
});

/** Everything of the queue as the API says it; times are milliseconds since 1970. */
export type Queue = z.output<typeof queue>['attributes'];
export type QueueSlice = Queue['series'][number];
export type Percentiles = z.output<typeof percentiles>;
export type Worker = { id: string } & z.output<typeof worker>['attributes'];

/** Runs wait for a worker in one lane, codes for their exchange in the other. */
export type Lane = 'runs' | 'gate';

/** Operators only: throws `forbidden`. */
export async function readQueue(api: Api, hours: QueueRange, signal?: AbortSignal): Promise<Queue> {
  return (await api.get(`/queue?hours=${hours}`, one(queue), signal)).data.attributes;
}

export async function listWorkers(api: Api, signal?: AbortSignal): Promise<Worker[]> {
  const { data } = await api.get('/workers', many(worker), signal);
  return data.map(({ id, attributes }) => ({ id, ...attributes }));
}

export async function setPaused(api: Api, lane: Lane, isPaused: boolean): Promise<void> {
  await api.send('POST', `/queue/actions/${isPaused ? 'pause' : 'resume'}`, { lane }, anything);
}

export async function setDraining(api: Api, workerId: string, isDraining: boolean): Promise<void> {
  const path = `/workers/${encodeURIComponent(workerId)}/actions/${isDraining ? 'drain' : 'resume'}`;
  await api.send('POST', path, {}, anything);
}
