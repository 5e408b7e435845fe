import { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { phases } from '@gatehouse/shared/run-status';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { serverSentLog } from '../logs/server-sent-log.ts';
import { unframedLog } from '../logs/unframed-log.ts';
import { type FollowLogDependencies, followPhaseLog } from '../services/follow-phase-log.ts';
import { storedLog } from '../services/stored-log.ts';
import { isVisibleRun, requireVisibleRun } from '../services/visible-run.ts';
import { sendEventStream } from './event-stream.ts';
import { withSections } from './log-sections.ts';
import { openAnswers } from './request-lifetime.ts';

type LogDependencies = FollowLogDependencies & { clock: Clock };

export const logRoutes: FastifyPluginAsyncZod<LogDependencies> = async (app, dependencies) => {
  const answers = openAnswers(app);
  app.get(
    '/runs/:id/logs/:phase',
    {
      schema: {
        tags: ['Logs'],
        summary: 'Follow, or download, the log of a phase',
        description:
          'Server-sent events `log` (JSON string of text), `bytes` (JSON string of base64, for what is not UTF-8), `gap` ' +
          'and `end`; the id of each is the byte offset behind it, and `Last-Event-ID` or `?offset=` resumes there. ' +
          'With `Accept: text/plain` or `?format=raw`: the bytes that there are now.',
        produces: ['text/event-stream', 'text/plain'],
        params: z.object({ id: z.string(), phase: z.enum(phases) }),
        querystring: z.object({
          offset: z.coerce.number().int().nonnegative().default(0),
          format: z.enum(['events', 'raw']).optional(),
          /** Also events `sections`: what the log's bytes are. */
          sections: z.stringbool().default(false),
        }),
      },
    },
    async (request, reply) => {
      const { id, phase } = request.params;
      requireVisibleRun(dependencies.database, request.actor, id);
      const log = { runId: id, phase, offset: resumeOffset(request, request.query.offset) };
      const wantsText = request.headers.accept?.includes('text/plain') ?? false;
      if (request.query.format === 'raw' || (request.query.format === undefined && wantsText)) {
        return reply.type('text/plain; charset=utf-8').send(Readable.from(storedLog(dependencies, log)));
      }
      app.admitStream?.(request, reply);
      const signal = answers.signalOf(reply);
      const mayGoOn = () => request.isStillSignedIn() && isVisibleRun(dependencies.database, request.actor, id);
      const followed = whileAllowed(followPhaseLog(dependencies, { ...log, signal }), mayGoOn);
      const events = serverSentLog(unframedLog(followed));
      return sendEventStream(reply, request.query.sections ? withSections(dependencies, log, events) : events);
    },
  );
};

/** How long somebody may still read who has signed out, or has left the organization. */
const askAgainMs = 5_000;

/** What comes, until `mayGoOn` says no; then it ends as a connection that broke, and whoever comes back is refused. */
async function* whileAllowed<Item>(items: AsyncIterable<Item>, mayGoOn: () => boolean): AsyncGenerator<Item> {
  let askedAt = Date.now();
  for await (const item of items) {
    if (Date.now() - askedAt >= askAgainMs) {
      if (!mayGoOn()) return;
      askedAt = Date.now();
    }
    yield item;
  }
}

/** A browser's own memory of where it was goes before the address, which it repeats unchanged. */
function resumeOffset(request: FastifyRequest, fallback: number): number {
  const last = request.headers['last-event-id'];
  if (last === undefined || last === '') return fallback;
  const offset = Number(last);
  if (typeof last === 'string' && /^\d{1,15}$/.test(last)) return offset;
  throw new GatehouseError('invalid_request', 'Last-Event-ID is a byte offset: a whole number.');
}
