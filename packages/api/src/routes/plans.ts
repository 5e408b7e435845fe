import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { BlobStore } from '../blobs/blob-store.ts';
import { deviceHolderOf } from '../services/answering-devices.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import { readPlanJson } from '../services/plan-files.ts';
import { readRedactedPlan } from '../services/read-redacted-plan.ts';
import { requireVisiblePhase } from '../services/visible-phase.ts';
import type { Database } from '../store/database.ts';
import { idParameter } from './fields.ts';
import { documentSchema } from './json-api.ts';
import { planResource, planSchema } from './phase-resource.ts';

const tags = ['Plans'];

export const planRoutes: FastifyPluginAsyncZod<
  LogReadUrlDependencies & { database: Database; blobs: BlobStore; sealer: Sealer }
> = async (app, dependencies) => {
  app.get(
    '/plans/:id',
    {
      schema: {
        tags,
        summary: 'The plan of a run',
        params: idParameter,
        response: { 200: documentSchema(planSchema) },
      },
    },
    async ({ actor, params }) => ({
      data: planResource(
        dependencies,
        requireVisiblePhase(dependencies.database, actor, params.id, 'plan'),
        deviceHolderOf(dependencies.database, actor),
      ),
    }),
  );

  app.get(
    '/plans/:id/json-output-redacted',
    {
      schema: {
        tags,
        summary: 'What the plan changes, without sensitive values',
        description:
          'Resource changes, drift and changes of outputs as `terraform show -json` prints them; what terraform or ' +
          'Gatehouse knows to be sensitive is replaced, and the marks of it stay. With the schemas from which the ' +
          'terraform CLI draws the plan (`terraform show` of a saved plan, structured output).',
        produces: ['application/json'],
        params: idParameter,
      },
    },
    async ({ actor, params }, reply) => {
      const { run } = requireVisiblePhase(dependencies.database, actor, params.id, 'plan');
      const plan = await readRedactedPlan(dependencies, run);
      if (plan === undefined) throw new GatehouseError('not_found', `Plan ${params.id} has no JSON (yet).`);
      return reply.header('content-type', 'application/json').serializer(JSON.stringify).send(plan);
    },
  );

  app.get(
    '/plans/:id/json-output',
    {
      schema: {
        tags,
        summary: 'The plan as `terraform show -json` prints it',
        description: 'May hold sensitive values, as the state may, which members can read as well.',
        produces: ['application/json'],
        params: idParameter,
      },
    },
    async ({ actor, params }, reply) => {
      const { run } = requireVisiblePhase(dependencies.database, actor, params.id, 'plan');
      const json = await readPlanJson(dependencies, run.id);
      if (json === undefined) throw new GatehouseError('not_found', `Plan ${params.id} has no JSON (yet).`);
      return reply.header('content-type', 'application/json').send(Buffer.from(json));
    },
  );
};
