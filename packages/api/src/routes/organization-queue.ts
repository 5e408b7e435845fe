import { claimablePhase, runningPhase, runStatuses } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireMember } from '../services/authorize.ts';
import type { RunCore } from '../services/run-core.ts';
import { runDetails } from '../store/run-details.ts';
import { listRuns } from '../store/runs.ts';
import { organizationParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, resourceSchema } from './json-api.ts';
import { runResource, runSchema } from './run-resource.ts';
import { viewOf } from './run-view.ts';

const tags = ['Runs'];
const queued = runStatuses.filter((status) => status === 'pending' || claimablePhase(status) !== undefined);
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
      const page = pageOf(query);
      const { runs, totalCount } = listRuns(database, { ...params, statuses: queued }, page);
      const data = runDetails(database, runs).map((details, index) => {
        const resource = runResource(details, viewOf(dependencies, role));
        // Newest first: the last of the whole list is the next.
        const position = totalCount - page.offset - index;
        return { ...resource, attributes: { ...resource.attributes, 'position-in-queue': position } };
      });
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
