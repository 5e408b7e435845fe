import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import type { RunSettings } from '../domain/run-settings.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import { commentsOfRun } from '../store/comments.ts';
import type { Database } from '../store/database.ts';
import { detailsOf } from '../store/run-details.ts';
import { idsOfUsers, namesOfUsers } from '../store/users.ts';
import { findActiveRun } from '../store/workspace-queue.ts';
import { commentResource } from './comment-resource.ts';
import { idParameter } from './fields.ts';
import { includedOnce, includeQuery, includesOf, withIncluded } from './includes.ts';
import { personResource } from './person-resource.ts';
import { type RunEventResource, runEventSchema, runEvents } from './run-event-resource.ts';

const tags = ['Runs'];
const included = z.array(z.unknown()).optional();

export const runEventRoutes: FastifyPluginAsyncZod<{ database: Database; settings: RunSettings }> = async (
  app,
  { database, settings },
) => {
  app.get(
    '/runs/:id/run-events',
    {
      schema: {
        tags,
        summary: 'What happened to a run, oldest first',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: z.object({ data: z.array(runEventSchema), included }) },
      },
    },
    async ({ actor, params, query }) => {
      const data = eventsOf(actor, params.id);
      return withIncluded({ data }, includedWith(params.id, data, query.include));
    },
  );

  app.get(
    '/run-events/:id',
    {
      schema: {
        tags,
        summary: 'One event of a run',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: z.object({ data: runEventSchema, included }) },
      },
    },
    async ({ actor, params, query }) => {
      const [, runId] = /^re-(run-[^-]+)-/.exec(params.id) ?? [];
      const data = runId && eventsOf(actor, runId).find(({ id }) => id === params.id);
      if (!data) throw new GatehouseError('not_found', `There is no run event ${params.id} that you may see.`);
      return withIncluded({ data }, includedWith(runId, [data], query.include));
    },
  );

  function eventsOf(actor: Actor, runId: string): RunEventResource[] {
    const details = detailsOf(database, requireVisibleRun(database, actor, runId));
    const people = idsOfUsers(
      database,
      details.history.map(({ by }) => by),
    );
    const holder = details.queuePlace && findActiveRun(database, details.run.workspaceId);
    return runEvents(details, {
      comments: commentsOfRun(database, runId),
      people,
      holder,
      publicUrl: settings.publicUrl,
    });
  }

  function includedWith(runId: string, events: readonly RunEventResource[], include: string | undefined) {
    const asked = includesOf(include, ['actor', 'comment']);
    const actors = events.flatMap(({ relationships }) => relationships.actor.data?.id ?? []);
    const said = events.flatMap(({ relationships }) => relationships.comment.data?.id ?? []);
    return includedOnce(asked, [
      ...(asked.has('actor') ? namesOfUsers(database, actors).map(personResource) : []),
      ...(asked.has('comment')
        ? commentsOfRun(database, runId)
            .filter(({ id }) => said.includes(id))
            .map(commentResource)
        : []),
    ]);
  }
};
