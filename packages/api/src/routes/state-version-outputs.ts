import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { requireWorkspace } from '../services/find-workspace.ts';
import { readOutputValue } from '../services/read-state.ts';
import { requireVisible } from '../services/require-visible.ts';
import type { Database } from '../store/database.ts';
import {
  currentStateVersion,
  findStateVersion,
  findStateVersionOutput,
  outputsOfStateVersion,
} from '../store/state-versions.ts';
import { idParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, type PageQuery, pageOf, pageQuery } from './json-api.ts';
import { stateVersionOutputResource, stateVersionOutputSchema } from './state-version-resource.ts';

const tags = ['State versions'];
const response = { 200: listSchema(stateVersionOutputSchema) };

/** Outputs, whose sensitive values are shown only where one is read by itself. */
export const stateVersionOutputRoutes: FastifyPluginAsyncZod<{ database: Database; sealer: Sealer }> = async (
  app,
  dependencies,
) => {
  const { database } = dependencies;

  async function listOutputs(stateVersionId: string, query: PageQuery) {
    const outputs = outputsOfStateVersion(database, stateVersionId);
    const { offset, limit } = pageOf(query);
    const page = outputs.slice(offset, offset + limit).map(async (output) => {
      const value = output.sensitive ? undefined : await readOutputValue(dependencies, output);
      return stateVersionOutputResource(output, value);
    });
    return listDocument(await Promise.all(page), outputs.length, query);
  }

  app.get(
    '/workspaces/:id/current-state-version-outputs',
    {
      schema: {
        tags,
        summary: "List the outputs of a workspace's current state",
        params: idParameter,
        querystring: pageQuery,
        response,
      },
    },
    async ({ actor, params, query }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const current = currentStateVersion(database, workspace.id);
      if (current === undefined) throw new GatehouseError('not_found', `Workspace ${workspace.id} has no state yet.`);
      return listOutputs(current.id, query);
    },
  );

  app.get(
    '/state-versions/:id/outputs',
    {
      schema: {
        tags,
        summary: 'List the outputs of a state version',
        params: idParameter,
        querystring: pageQuery,
        response,
      },
    },
    async ({ actor, params: { id }, query }) => {
      const version = requireVisible(database, actor, findStateVersion(database, id), `state version ${id}`);
      return listOutputs(version.id, query);
    },
  );

  app.get(
    '/state-version-outputs/:id',
    {
      schema: {
        tags,
        summary: 'Read one output, with its value',
        params: idParameter,
        response: { 200: documentSchema(stateVersionOutputSchema) },
      },
    },
    async ({ actor, params: { id } }) => {
      const output = requireVisible(database, actor, findStateVersionOutput(database, id), `output ${id}`);
      return { data: stateVersionOutputResource(output, await readOutputValue(dependencies, output)) };
    },
  );
};
