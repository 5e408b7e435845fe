import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CapabilityDependencies } from '../services/capability.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import { rollBackState } from '../services/roll-back-state.ts';
import type { StoreStateDependencies } from '../services/store-state-version.ts';
import { announceUpload, maxUploadedStateBytes, uploadState } from '../services/upload-state.ts';
import { outputsOfStateVersion, type StateVersionRow } from '../store/state-versions.ts';
import { idParameter } from './fields.ts';
import { documentSchema, ignored, requestDocument } from './json-api.ts';
import { offerSnapshots } from './snapshot-interval.ts';
import { announcedStateResource, stateVersionResource, stateVersionSchema } from './state-version-resource.ts';

export type NewStateVersionDependencies = StoreStateDependencies & CapabilityDependencies & { publicUrl: string };

const tags = ['State versions'];
const stateVersionDocument = documentSchema(stateVersionSchema);
const anId = z.object({ id: z.string() });

const newStateVersion = requestDocument(
  z.strictObject({
    serial: z.int().nonnegative(),
    md5: z.string().regex(/^[0-9a-f]{32}$/, 'Hexadecimal, 32 digits.'),
    lineage: z.string().max(200).optional(),
    force: z.boolean().default(false),
    intermediate: z.boolean().default(false),
    /** Base64. Absent: the version awaits its bytes at the addresses that the answer names. */
    state: z.base64().optional(),
    'json-state': z.base64().optional(),
    // The outputs are read from the state itself.
    ...ignored(['json-state-outputs', 'ext-state']),
  }),
  z.object({ run: z.object({ data: anId.nullable() }).optional() }).optional(),
);

const rollback = z.object({
  data: z.object({ relationships: z.object({ 'rollback-state-version': z.object({ data: anId }) }) }),
});

/** How a state comes to Gatehouse from a person's machine, in one step or in two. */
export const newStateVersionRoutes: FastifyPluginAsyncZod<NewStateVersionDependencies> = async (app, dependencies) => {
  const { database } = dependencies;
  offerSnapshots(app);
  const show = (version: StateVersionRow) =>
    stateVersionResource(dependencies, version, outputsOfStateVersion(database, version.id));

  app.post(
    '/workspaces/:id/state-versions',
    {
      bodyLimit: maxUploadedStateBytes,
      schema: {
        tags,
        summary: 'Upload a state',
        description:
          'Only to a workspace that the caller has locked. Its serial must be higher than the current one. Without `state` ' +
          'the version is `pending`, and awaits the bytes at `hosted-state-upload-url`.',
        params: idParameter,
        body: newStateVersion,
        response: { 201: stateVersionDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const { state, 'json-state': jsonState, ...attributes } = body.data.attributes;
      const runId = body.data.relationships?.run?.data?.id;
      const input = { ...attributes, workspaceId: workspace.id, runId };
      const data =
        state === undefined
          ? announcedStateResource(dependencies, await announceUpload(dependencies, actor, input))
          : show(await uploadState(dependencies, actor, { ...input, state, jsonState }));
      return reply.status(201).send({ data });
    },
  );

  app.patch(
    '/workspaces/:id/state-versions',
    {
      schema: {
        tags,
        summary: 'Bring the content of an older state version back',
        description:
          'Owners only, of a workspace that they have locked. Makes a new version, with a serial behind the current one. ' +
          'What exists in AWS does not change.',
        params: idParameter,
        body: rollback,
        response: { 200: stateVersionDocument },
      },
    },
    async ({ actor, params, body }) => {
      const to = body.data.relationships['rollback-state-version'].data.id;
      return { data: show(await rollBackState(dependencies, actor, { workspaceId: params.id, to })) };
    },
  );
};
