import { countLogMarks, sectionNames } from '@gatehouse/shared/log-sections';
import { logKey } from '@gatehouse/shared/log-stream';
import { phases } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { serverSentEvent } from '../domain/server-sent-event.ts';
import type { PhaseOfRun } from '../logs/live-log.ts';
import { type LogSections, readLogSections } from '../services/log-sections.ts';
import type { ReadLogDependencies } from '../services/read-phase-log.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import { timestamp, timestampOf } from './json-api.ts';

const sectionsDocument = z.object({
  data: z.array(
    z.object({
      name: z.enum(sectionNames),
      'start-offset': z.int(),
      /** Null: it is the last, and may grow. */
      'end-offset': z.int().nullable(),
      'started-at': timestamp,
      'ended-at': timestamp.nullable(),
    }),
  ),
  meta: z.object({
    /** Bytes that Gatehouse itself wrote, as `[start, end)`, ascending. */
    'gatehouse-ranges': z.array(z.tuple([z.int(), z.int()])),
    'log-end-offset': z.int(),
    ended: z.boolean(),
    'server-now': timestamp,
  }),
});

type Dependencies = ReadLogDependencies & { clock: Clock };

export const logSectionRoutes: FastifyPluginAsyncZod<Dependencies> = async (app, dependencies) => {
  app.get(
    '/runs/:id/logs/:phase/sections',
    {
      schema: {
        tags: ['Logs'],
        summary: 'What the bytes of a log are: its sections, and which of them Gatehouse wrote',
        params: z.object({ id: z.string(), phase: z.enum(phases) }),
        response: { 200: sectionsDocument },
      },
    },
    async ({ actor, params }) => {
      const { id: runId } = requireVisibleRun(dependencies.database, actor, params.id);
      const sections = await readLogSections(dependencies, { runId, phase: params.phase });
      return documentOf(sections, dependencies.clock.now());
    },
  );
};

/** Between two looks at whether there are new marks (ms). */
const lookEveryMs = 500;

/** The events of a log, and among them `sections` at the start, when they have changed, and before the end. */
export async function* withSections(
  dependencies: Dependencies,
  log: PhaseOfRun,
  events: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  const key = logKey(log.runId, log.phase);
  let told = -1;
  let lookAt = 0;
  async function* news(isLast: boolean): AsyncGenerator<string> {
    if (!isLast && Date.now() < lookAt) return;
    lookAt = Date.now() + lookEveryMs;
    const count = await countLogMarks(dependencies.redis, key);
    if (count === told && !isLast) return;
    told = count;
    const sections = await readLogSections(dependencies, log);
    yield serverSentEvent('sections', documentOf(sections, dependencies.clock.now()));
  }
  yield* news(false);
  for await (const event of events) {
    // After the log's own end nothing is read any more.
    if (typeof event === 'string' && /^event: end$/m.test(event)) yield* news(true);
    yield event;
    yield* news(false);
  }
}

function documentOf(
  { sections, ownRanges, endOffset, ended }: LogSections,
  now: Date,
): z.input<typeof sectionsDocument> {
  return {
    data: sections.map((section) => ({
      name: section.name,
      'start-offset': section.startOffset,
      'end-offset': section.endOffset ?? null,
      'started-at': timestampOf(section.startedAt),
      'ended-at': timestampOf(section.endedAt ?? null),
    })),
    meta: {
      'gatehouse-ranges': ownRanges,
      'log-end-offset': endOffset,
      ended,
      'server-now': timestampOf(now),
    },
  };
}
