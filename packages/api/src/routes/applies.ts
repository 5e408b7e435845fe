import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { deviceHolderOf } from '../services/answering-devices.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import { requireVisiblePhase } from '../services/visible-phase.ts';
import type { Database } from '../store/database.ts';
import { idParameter } from './fields.ts';
import { documentSchema } from './json-api.ts';
import { applyResource, applySchema } from './phase-resource.ts';

export const applyRoutes: FastifyPluginAsyncZod<LogReadUrlDependencies & { database: Database }> = async (
  app,
  dependencies,
) => {
  app.get(
    '/applies/:id',
    {
      schema: {
        tags: ['Applies'],
        summary: 'The apply of a run',
        params: idParameter,
        response: { 200: documentSchema(applySchema) },
      },
    },
    async ({ actor, params }) => ({
      data: applyResource(
        dependencies,
        requireVisiblePhase(dependencies.database, actor, params.id, 'apply'),
        deviceHolderOf(dependencies.database, actor),
      ),
    }),
  );
};
