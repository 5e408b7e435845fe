import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import { readOutputValue } from '../services/read-state.ts';
import { requireVisible } from '../services/require-visible.ts';
import type { Database } from '../store/database.ts';
import { recordStateRead } from '../store/state-reads.ts';
import {
  currentStateVersion,
  findStateVersion,
  findStateVersionOutput,
  outputsOfStateVersion,
  type PlacedOutput,
} from '../store/state-versions.ts';
import { idParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, type PageQuery, pageOf, pageQuery } from './json-api.ts';
import { outputInList } from './state-version-includes.ts';
import { stateVersionOutputResource, stateVersionOutputSchema } from './state-version-resource.ts';

const tags = ['State versions'];
const response = { 200: listSchema(stateVersionOutputSchema) };

/** Outputs, whose sensitive values are shown only where one is read by itself, which the audit log tells. */
export const stateVersionOutputRoutes: FastifyPluginAsyncZod<{
  database: Database;
  sealer: Sealer;
  clock: Clock;
}> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  async function listOutputs(stateVersionId: string, query: PageQuery) {
    const outputs = outputsOfStateVersion(database, stateVersionId);
    const { offset, limit } = pageOf(query);
    const page = outputs.slice(offset, offset + limit).map((output) => outputInList(dependencies, output));
    return listDocument(await Promise.all(page), outputs.length, query);
  }

  async function recordRead(actor: Actor, output: PlacedOutput): Promise<void> {
    const { id, organization, workspaceName, name } = output;
    const target = { targetType: 'state-version-outputs', targetId: id, organization };
    const details = { workspace: workspaceName, output: name };
    await recordStateRead(database, actor, { ...target, action: 'state_version_output.read', details }, clock.now());
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
      if (output.sensitive) await recordRead(actor, output);
      return { data: stateVersionOutputResource(output, await readOutputValue(dependencies, output)) };
    },
  );
};
