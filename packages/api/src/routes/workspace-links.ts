import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireOwnWorkspace, requireWorkspace } from '../services/find-workspace.ts';
import type { Database } from '../store/database.ts';
import { idParameter } from './fields.ts';
import { listDocument, listSchema, pageQuery } from './json-api.ts';
import { workspaceSchema } from './workspace-resource.ts';

const tags = ['Workspaces'];
const url = '/workspaces/:id/relationships/remote-state-consumers';

/**
 * Which workspaces' runs may read the state of this one. None: a run has no token with which it could ask for a state, and
 * no way to the api. People read states by their membership, which is not narrowed here.
 */
export const workspaceLinkRoutes: FastifyPluginAsyncZod<{ database: Database }> = async (app, { database }) => {
  app.get(
    url,
    {
      schema: {
        tags,
        summary: 'The workspaces whose runs may read this state: none',
        params: idParameter,
        querystring: pageQuery,
        response: { 200: listSchema(workspaceSchema) },
      },
    },
    async ({ actor, params, query }) => {
      await requireWorkspace(database, actor, params);
      return listDocument([], 0, query);
    },
  );

  app.route({
    method: ['POST', 'PATCH', 'DELETE'],
    url,
    schema: {
      tags,
      summary: 'Refused: no run reads the state of another workspace',
      params: idParameter,
      body: z.unknown().optional(),
    },
    handler: async ({ actor, params }) => {
      await requireOwnWorkspace(database, actor, params);
      throw new GatehouseError(
        'invalid_request',
        'A run here has no token with which it could read the state of another workspace, so none can be let in. ' +
          'Hand what it needs to the other workspace as a variable.',
      );
    },
  });
};
