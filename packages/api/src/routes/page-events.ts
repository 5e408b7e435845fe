import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { serverSentEvent } from '../domain/server-sent-event.ts';
import { isPageEventId, type PageEvents, type TimedPageEvent } from '../queue/page-events.ts';
import { requireMember } from '../services/authorize.ts';
import { followPageEvents, type PageNews } from '../services/follow-page-events.ts';
import { type OperatorScope, requireOperator } from '../services/operator-scope.ts';
import { readQueueNow } from '../services/read-queue.ts';
import type { Database } from '../store/database.ts';
import { organizationsOfMember } from '../store/organizations.ts';
import { sendEventStream } from './event-stream.ts';
import { timestampOf } from './json-api.ts';
import { queueNowAttributes } from './queue-attributes.ts';
import { openAnswers } from './request-lifetime.ts';

type Dependencies = { database: Database; clock: Clock; pageEvents: PageEvents };

/** A token may be revoked meanwhile: its bearer comes back this often and is looked at anew. */
const longestForTokenMs = 10 * 60_000;

/** One stream a page of everything that changes in what its reader may see. */
export const pageEventRoutes: FastifyPluginAsyncZod<Dependencies> = async (app, dependencies) => {
  const { database } = dependencies;
  const answers = openAnswers(app);
  app.get(
    '/events',
    {
      schema: {
        tags: ['Events'],
        summary: 'Follow what changes, as server-sent events',
        description:
          'Events `run.changed`, `challenge.changed`, `plan.ready`, `settings.changed` name what to read again; ' +
          '`heartbeat` comes every 5 s, `gap` says that some were missed. `Last-Event-ID` resumes. With `topics=queue`, ' +
          'for operators, `worker.changed` and `queue.sampled`. Without `organization`: all of mine.',
        produces: ['text/event-stream'],
        querystring: z.object({ organization: z.string().optional(), topics: z.literal('queue').optional() }),
      },
    },
    async (request, reply) => {
      const { actor, webSessionId, query } = request;
      const { organization } = query;
      const operates = query.topics === 'queue' ? await requireOperator(database, actor, organization) : undefined;
      if (organization !== undefined && operates === undefined) await requireMember(database, actor, organization);
      let mine = new Set<string>();
      const look = () => {
        mine = new Set(organizationsOfMember(database, actor.userId));
        const isMember = organization === undefined || operates !== undefined || mine.has(organization);
        return request.isStillSignedIn() && isMember;
      };
      look();
      app.admitStream?.(request, reply);
      const ends = [answers.signalOf(reply)];
      if (webSessionId === undefined) ends.push(AbortSignal.timeout(longestForTokenMs));
      const news = followPageEvents(dependencies, {
        mayHear: (event) => isFor(event, mine, organization, operates !== undefined),
        isAllowed: look,
        lastEventId: lastEventId(request),
        samples: operates !== undefined,
        signal: AbortSignal.any(ends),
      });
      return sendEventStream(reply, asText(dependencies, news, operates));
    },
  );
};

function isFor(event: TimedPageEvent, mine: Set<string>, only: string | undefined, operates: boolean): boolean {
  if (event.organization === null) return operates;
  return mine.has(event.organization) && (only === undefined || event.organization === only);
}

async function* asText(
  dependencies: Dependencies,
  news: AsyncIterable<PageNews>,
  operates: OperatorScope | undefined,
): AsyncGenerator<string> {
  for await (const item of news) {
    switch (item.kind) {
      case 'event':
        yield serverSentEvent(item.event.name, item.event.data, item.event.id);
        break;
      case 'gap':
        yield serverSentEvent('gap', {});
        break;
      case 'heartbeat':
        yield serverSentEvent('heartbeat', { 'server-now': timestampOf(item.now) }, item.id);
        break;
      case 'sample':
        if (operates === undefined) break;
        yield serverSentEvent('queue.sampled', {
          ...queueNowAttributes(readQueueNow(dependencies, operates)),
          'server-now': timestampOf(item.now),
        });
        break;
      default:
        item satisfies never;
    }
  }
}

function lastEventId(request: FastifyRequest): string | undefined {
  const last = request.headers['last-event-id'];
  if (last === undefined || last === '') return undefined;
  if (typeof last === 'string' && isPageEventId(last)) return last;
  throw new GatehouseError('invalid_request', 'Last-Event-ID is the id of an event of this stream.');
}
