import { endReasons } from '@gatehouse/shared/end-reasons';
import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { deviceLabel } from '../domain/challenge.ts';
import { type OperateDependencies, pauseLane } from '../services/operate-queue.ts';
import { mayOperate, type OperatorScope, requireOperator } from '../services/operator-scope.ts';
import { readQueueNow } from '../services/read-queue.ts';
import { type QueueHistory, readQueueHistory } from '../services/read-queue-history.ts';
import type { Database } from '../store/database.ts';
import { findLanePause } from '../store/lane-pauses.ts';
import { waitsByDevice } from '../store/queue-figures.ts';
import { lanes, type PausableLane } from '../store/schema/workers.ts';
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
const bucketMsOf = { '1': 5 * minuteMs, '24': hourMs, '168': hourMs } as const;

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
  const historyOf = createHistories(dependencies);

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
      const history = await historyOf(scope, query.hours);
      return documentAt(clock.now(), {
        id: 'queue',
        type: 'queues' as const,
        attributes: {
          now: queueNowAttributes(readQueueNow(dependencies, scope)),
          paused: { runs: pauseOf(database, 'runs'), gate: pauseOf(database, 'gate') },
          'can-operate': mayOperate(database, actor),
          ...historyAttributes(history),
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

function historyAttributes(history: QueueHistory) {
  return {
    series: history.series.map(queueBucketAttributes),
    'throughput-per-hour': history.throughputPerHour,
    'ask-to-code': spreadAttributes(history.askToCode),
    'plan-duration': spreadAttributes(history.planDuration),
    'apply-duration': spreadAttributes(history.applyDuration),
    'queue-wait': spreadAttributes(history.queueWait),
    failures: history.failures.map(({ reason, count }) => ({ reason, sentence: endReasons[reason], count })),
  };
}

/** How long an answer about hours is good for (ms). Whoever asks meanwhile shares it, so that ten pages cost one. */
const historyGoodForMs = 5_000;

function createHistories(dependencies: Dependencies) {
  const known = new Map<string, { at: number; history: Promise<QueueHistory> }>();
  return (scope: OperatorScope, hours: keyof typeof bucketMsOf): Promise<QueueHistory> => {
    const key = `${hours} ${scope === 'all' ? '*' : scope.join(' ')}`;
    const now = dependencies.clock.now().getTime();
    for (const [other, { at }] of known) if (now - at >= historyGoodForMs) known.delete(other);
    const fresh = known.get(key);
    if (fresh !== undefined) return fresh.history;
    const range = { hours: Number(hours), bucketMs: bucketMsOf[hours] };
    const history = readQueueHistory(dependencies, scope, range);
    known.set(key, { at: now, history });
    // What failed is asked for anew; who waits for it hears of it.
    history.catch(() => known.delete(key));
    return history;
  };
}

function pauseOf(database: Database, lane: PausableLane): z.infer<typeof pause> {
  const found = findLanePause(database, lane);
  return found === undefined ? null : { by: found.by, at: timestampOf(found.at) };
}
