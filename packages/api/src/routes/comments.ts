import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { commentOnRun } from '../services/comment-on-run.ts';
import { requireVisible } from '../services/require-visible.ts';
import type { RunCore } from '../services/run-core.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import { commentsOfRun, findComment } from '../store/comments.ts';
import { commentResource, commentSchema } from './comment-resource.ts';
import { idParameter } from './fields.ts';
import { documentSchema, requestDocument } from './json-api.ts';

const tags = ['Runs'];
const body = z.string().trim().min(1, 'Say something.').max(2000, 'At most 2000 characters.');

/** What members say about runs. */
export const commentRoutes: FastifyPluginAsyncZod<RunCore> = async (app, dependencies) => {
  const { database } = dependencies;

  app.get(
    '/runs/:id/comments',
    {
      schema: {
        tags,
        summary: 'What was said about a run, oldest first',
        params: idParameter,
        response: { 200: z.object({ data: z.array(commentSchema) }) },
      },
    },
    async ({ actor, params }) => {
      const run = requireVisibleRun(database, actor, params.id);
      return { data: commentsOfRun(database, run.id).map(commentResource) };
    },
  );

  app.post(
    '/runs/:id/comments',
    {
      schema: {
        tags,
        summary: 'Say something about a run',
        params: idParameter,
        body: requestDocument(z.strictObject({ body })),
        response: { 201: documentSchema(commentSchema) },
      },
    },
    async ({ actor, params, body: given }, reply) => {
      const said = { runId: params.id, body: given.data.attributes.body, by: actor };
      return reply.status(201).send({ data: commentResource(await commentOnRun(dependencies, said)) });
    },
  );

  app.get(
    '/comments/:id',
    {
      schema: {
        tags,
        summary: 'One comment',
        params: idParameter,
        response: { 200: documentSchema(commentSchema) },
      },
    },
    async ({ actor, params }) => {
      const comment = requireVisible(database, actor, findComment(database, params.id), `comment ${params.id}`);
      return { data: commentResource(comment) };
    },
  );
};
