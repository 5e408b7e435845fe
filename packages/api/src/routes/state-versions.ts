import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireWorkspace } from '../services/find-workspace.ts';
import { openState } from '../services/read-state.ts';
import { requireVisible } from '../services/require-visible.ts';
import type { StoredState, StoreStateDependencies } from '../services/store-state-version.ts';
import { maxUploadedStateBytes, uploadState } from '../services/upload-state.ts';
import {
  currentStateVersion,
  findStateVersion,
  listStateVersions,
  outputsOfStateVersion,
} from '../store/state-versions.ts';
import { idParameter } from './fields.ts';
import { documentSchema, ignored, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { stateVersionResource, stateVersionSchema } from './state-version-resource.ts';

export type StateVersionDependencies = StoreStateDependencies & { publicUrl: string };

const tags = ['State versions'];
const stateVersionDocument = documentSchema(stateVersionSchema);

const newStateVersion = requestDocument(
  z.strictObject({
    serial: z.int().nonnegative(),
    md5: z.string().regex(/^[0-9a-f]{32}$/, 'Hexadecimal, 32 digits.'),
    lineage: z.string().optional(),
    force: z.boolean().default(false),
    /** Base64. Absent where a client begins an upload in two steps, which is refused in the words that it knows. */
    state: z.base64().optional(),
    ...ignored(['json-state', 'json-state-outputs', 'ext-state']),
  }),
);

export const stateVersionRoutes: FastifyPluginAsyncZod<StateVersionDependencies> = async (app, dependencies) => {
  const { database } = dependencies;
  const show = (version: StoredState) =>
    stateVersionResource(dependencies, version, outputsOfStateVersion(database, version.id));

  app.get(
    '/workspaces/:id/current-state-version',
    {
      schema: {
        tags,
        summary: "Read a workspace's current state version",
        params: idParameter,
        response: { 200: stateVersionDocument },
      },
    },
    async ({ actor, params }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const current = currentStateVersion(database, workspace.id);
      if (current === undefined) throw new GatehouseError('not_found', `Workspace ${workspace.id} has no state yet.`);
      return { data: show(current) };
    },
  );

  app.get(
    '/workspaces/:id/state-versions',
    {
      schema: {
        tags,
        summary: "List a workspace's state versions, newest first",
        params: idParameter,
        querystring: pageQuery,
        response: { 200: listSchema(stateVersionSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const { versions, totalCount } = await listStateVersions(database, workspace.id, pageOf(query));
      return listDocument(versions.map(show), totalCount, query);
    },
  );

  app.get(
    '/state-versions',
    {
      schema: {
        tags,
        summary: 'List the state versions of a workspace that is named, newest first',
        querystring: pageQuery.extend({
          'filter[workspace][name]': z.string(),
          'filter[organization][name]': z.string(),
        }),
        response: { 200: listSchema(stateVersionSchema) },
      },
    },
    async ({ actor, query }) => {
      const address = { organization: query['filter[organization][name]'], name: query['filter[workspace][name]'] };
      const { workspace } = await requireWorkspace(database, actor, address);
      const { versions, totalCount } = await listStateVersions(database, workspace.id, pageOf(query));
      return listDocument(versions.map(show), totalCount, query);
    },
  );

  app.get(
    '/state-versions/:id',
    { schema: { tags, summary: 'Read a state version', params: idParameter, response: { 200: stateVersionDocument } } },
    async ({ actor, params: { id } }) => ({
      data: show(requireVisible(database, actor, findStateVersion(database, id), `state version ${id}`)),
    }),
  );

  app.get(
    '/state-versions/:id/download',
    {
      schema: {
        tags,
        summary: 'Download a state, as terraform wrote it',
        produces: ['application/json'],
        params: idParameter,
      },
    },
    async ({ actor, params: { id } }, reply) => {
      requireVisible(database, actor, findStateVersion(database, id), `state version ${id}`);
      const state = await openState(dependencies, id);
      return reply.type('application/json').header('cache-control', 'no-store').send(state);
    },
  );

  app.post(
    '/workspaces/:id/state-versions',
    {
      bodyLimit: maxUploadedStateBytes,
      schema: {
        tags,
        summary: 'Upload a state',
        description: 'Only to a workspace that the caller has locked. Its serial must be higher than the current one.',
        params: idParameter,
        body: newStateVersion,
        response: { 201: stateVersionDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const { attributes } = body.data;
      const version = await uploadState(dependencies, actor, { ...attributes, workspaceId: workspace.id });
      return reply.status(201).send({ data: show(version) });
    },
  );
};
