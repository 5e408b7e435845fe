import { endReasons } from '@gatehouse/shared/end-reasons';
import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { deviceLabel } from '../domain/challenge.ts';
import { type OperateDependencies, pauseLane } from '../services/operate-queue.ts';
import { mayOperate, type OperatorScope, requireOperator } from '../services/operator-scope.ts';
import { readQueueNow, readQueueSeries } from '../services/read-queue.ts';
import type { Database } from '../store/database.ts';
import { findLanePause } from '../store/lane-pauses.ts';
import { askToCode, phaseDuration, queueWait } from '../store/queue-durations.ts';
import { countEnded, countFailures, waitsByDevice } from '../store/queue-figures.ts';
import { lanes, type PausableLane } from '../store/schema/runs.ts';
import { documentAt, documentSchema, resourceSchema, timestamp, timestampOf } from './json-api.ts';
import { deviceKey } from './mfa-device.ts';
import {
  queueBucketAttributes,
  queueBucketSchema,
  queueNowAttributes,
  queueNowSchema,
  spreadAttributes,
  spreadSchema,
} from './queue-attributes.ts';

type Dependencies = OperateDependencies & { sealer: Pick<Sealer, 'fingerprint'> };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const ranges: Readonly<Record<'1' | '24' | '168', { count: number; bucketMs: number }>> = {
  '1': { count: 12, bucketMs: 5 * minuteMs },
  '24': { count: 24, bucketMs: hourMs },
  '168': { count: 168, bucketMs: hourMs },
};

const pause = z.object({ by: z.string(), at: timestamp }).nullable();

const queueSchema = resourceSchema('queues', {
  now: queueNowSchema,
  paused: z.object({ runs: pause, gate: pause }),
  /** Whether the one who asks may pause lanes and drain workers. */
  'can-operate': z.boolean(),
  series: z.array(queueBucketSchema),
  /** Runs that ended, an hour. */
  'throughput-per-hour': z.number(),
  'ask-to-code': spreadSchema,
  'plan-duration': spreadSchema,
  'apply-duration': spreadSchema,
  'queue-wait': spreadSchema,
  failures: z.array(z.object({ reason: z.string(), sentence: z.string(), count: z.int() })),
  'waits-by-device': z.array(
    z.object({
      device: z.object({ id: z.string(), label: z.string() }),
      count: z.int(),
      'oldest-at': timestamp.nullable(),
    }),
  ),
});

const tags = ['Queue'];

/** The operators' dashboard: how the queue stands, how it went, and its two switches. */
export const queueRoutes: FastifyPluginAsyncZod<Dependencies> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.get(
    '/queue',
    {
      schema: {
        tags,
        summary: 'How the queue stands and how it went',
        description: 'Site admins see all; owners what they own, or of that the organization which they name.',
        querystring: z.object({ hours: z.enum(['1', '24', '168']).default('24'), organization: z.string().optional() }),
        response: { 200: documentSchema(queueSchema) },
      },
    },
    async ({ actor, query }) => {
      const scope = await requireOperator(database, actor, query.organization);
      const history = historyAttributes(dependencies, scope, query.hours);
      return documentAt(clock.now(), {
        id: 'queue',
        type: 'queues' as const,
        attributes: {
          now: queueNowAttributes(readQueueNow(dependencies, scope)),
          paused: { runs: pauseOf(database, 'runs'), gate: pauseOf(database, 'gate') },
          'can-operate': mayOperate(database, actor),
          ...history,
          'waits-by-device': waitsByDevice(database, scope).map(({ mfaSerial, count, oldestAt }) => ({
            device: { id: deviceKey(dependencies.sealer, mfaSerial), label: deviceLabel(mfaSerial) },
            count,
            'oldest-at': timestampOf(oldestAt),
          })),
        },
      });
    },
  );

  for (const { name, isPaused, summary } of [
    { name: 'pause', isPaused: true, summary: 'Stop a lane' },
    { name: 'resume', isPaused: false, summary: 'Let a lane go on' },
  ]) {
    app.post(
      `/queue/actions/${name}`,
      {
        schema: {
          tags,
          summary,
          description:
            'Site admins, or an owner of the only organization. `runs`: queued phases wait, running ones finish. `gate`: ' +
            'codes are refused with 409 `paused`, so that none is lost; deadlines go on.',
          body: z.strictObject({ lane: z.enum(lanes) }),
          response: { 204: z.null() },
        },
      },
      async ({ actor, body }, reply) => {
        await pauseLane(dependencies, actor, { lane: body.lane, isPaused });
        return reply.status(204).send(null);
      },
    );
  }
};

function historyAttributes(dependencies: Dependencies, scope: OperatorScope, hours: keyof typeof ranges) {
  const { database, clock } = dependencies;
  const since = new Date(clock.now().getTime() - Number(hours) * hourMs);
  return {
    series: readQueueSeries(dependencies, scope, ranges[hours]).map(queueBucketAttributes),
    'throughput-per-hour': countEnded(database, scope, since) / Number(hours),
    'ask-to-code': spreadAttributes(askToCode(database, scope, since)),
    'plan-duration': spreadAttributes(phaseDuration(database, scope, 'plan', since)),
    'apply-duration': spreadAttributes(phaseDuration(database, scope, 'apply', since)),
    'queue-wait': spreadAttributes(queueWait(database, scope, since)),
    failures: countFailures(database, scope, since).map(({ reason, count }) => ({
      reason,
      sentence: endReasons[reason],
      count,
    })),
  };
}

function pauseOf(database: Database, lane: PausableLane): z.infer<typeof pause> {
  const found = findLanePause(database, lane);
  return found === undefined ? null : { by: found.by, at: timestampOf(found.at) };
}
