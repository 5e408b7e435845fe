import { runningPhase, runStatuses } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isQueued } from '../domain/run.ts';
import { requireMember } from '../services/authorize.ts';
import type { RunCore } from '../services/run-core.ts';
import { runDetails } from '../store/run-details.ts';
import { listRuns } from '../store/runs.ts';
import { organizationParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, resourceSchema } from './json-api.ts';
import { runResource, runSchema } from './run-resource.ts';
import { viewOf } from './run-view.ts';

const tags = ['Runs'];
const queued = runStatuses.filter(isQueued);
const running = runStatuses.filter((status) => runningPhase(status) !== undefined);

const capacitySchema = resourceSchema('organization-capacity', { pending: z.int(), running: z.int() });

/** What the terraform CLI reads while its run is pending, to say what it waits for. It gives up where these are missing. */
export const organizationQueueRoutes: FastifyPluginAsyncZod<RunCore> = async (app, dependencies) => {
  const { database } = dependencies;

  app.get(
    '/organizations/:organization/runs/queue',
    {
      schema: {
        tags,
        summary: 'The runs that wait for their turn or for a worker',
        params: organizationParameter,
        querystring: pageQuery,
        response: { 200: listSchema(runSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      const { runs, totalCount } = listRuns(database, { ...params, statuses: queued }, pageOf(query));
      const view = viewOf(dependencies, { actor, role });
      const data = runDetails(database, runs).map((details) => runResource(details, view));
      return listDocument(data, totalCount, query);
    },
  );

  app.get(
    '/organizations/:organization/capacity',
    {
      schema: {
        tags,
        summary: 'How many runs wait and work',
        params: organizationParameter,
        response: { 200: documentSchema(capacitySchema) },
      },
    },
    async ({ actor, params }) => {
      await requireMember(database, actor, params.organization);
      const count = (statuses: typeof queued) => listRuns(database, { ...params, statuses }, { limit: 0, offset: 0 });
      return {
        data: {
          id: params.organization,
          type: 'organization-capacity' as const,
          attributes: { pending: count(queued).totalCount, running: count(running).totalCount },
        },
      };
    },
  );
};
