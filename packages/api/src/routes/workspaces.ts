import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireConfirmName } from '../domain/confirm-name.ts';
import { requireMember } from '../services/authorize.ts';
import { createWorkspaceOf } from '../services/create-workspace.ts';
import { requireOwnWorkspace, requireWorkspace, type WorkspaceAddress } from '../services/find-workspace.ts';
import { updateWorkspace } from '../services/update-workspace.ts';
import type { Database } from '../store/database.ts';
import { deleteWorkspace, listWorkspaces } from '../store/workspaces.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { changedWorkspaceAttributes, newWorkspaceAttributes, settingsOf } from './workspace-attributes.ts';
import { workspaceResource, workspaceSchema } from './workspace-resource.ts';

const tags = ['Workspaces'];
const workspaceDocument = documentSchema(workspaceSchema);
const nameParameters = organizationParameter.extend({ name: z.string() });

/** From people on the page: the name of what they delete. */
const confirmation = z.object({ 'confirm-name': z.string().max(200).optional() });
type Confirmation = z.infer<typeof confirmation>;

type Parameters = { id: string } | { organization: string; name: string };

/** Each resource is found under two paths, by its id and by its name, as clients use both. */
const addressed = [
  { path: '/workspaces/:id', params: idParameter },
  { path: '/organizations/:organization/workspaces/:name', params: nameParameters },
] as const;

export const workspaceRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  dependencies,
) => {
  const { database, clock } = dependencies;

  app.get(
    '/organizations/:organization/workspaces',
    {
      schema: {
        tags,
        summary: 'The workspaces of an organization',
        params: organizationParameter,
        querystring: pageQuery.extend({
          'search[name]': z.string().max(90).optional(),
          /** There are no tags here: nothing has one. */
          'search[tags]': z.string().optional(),
        }),
        response: { 200: listSchema(workspaceSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      if (query['search[tags]']) return listDocument([], 0, query);
      const filter = { search: query['search[name]'] };
      const { workspaces, totalCount } = await listWorkspaces(database, params.organization, filter, pageOf(query));
      const data = workspaces.map((workspace) => workspaceResource(database, workspace, role));
      return listDocument(data, totalCount, query);
    },
  );

  app.post(
    '/organizations/:organization/workspaces',
    {
      schema: {
        tags,
        summary: 'Make a workspace',
        params: organizationParameter,
        body: requestDocument(newWorkspaceAttributes),
        response: { 201: workspaceDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { attributes } = body.data;
      const settings = { ...settingsOf(attributes), name: attributes.name };
      const workspace = await createWorkspaceOf(dependencies, actor, params.organization, settings);
      return reply.status(201).send({ data: workspaceResource(database, workspace, 'owner') });
    },
  );

  for (const { path, params: parameters } of addressed) {
    // The union of two schemas: either path gives an address.
    const params: z.ZodType<Parameters> = parameters;

    app.get(
      path,
      { schema: { tags, summary: 'One workspace', params, response: { 200: workspaceDocument } } },
      async ({ actor, params: address }) => {
        const { workspace, membership } = await requireWorkspace(database, actor, address);
        return { data: workspaceResource(database, workspace, membership.role) };
      },
    );

    app.patch(
      path,
      {
        schema: {
          tags,
          summary: 'Change the settings of a workspace',
          description: 'Owners only. Runs that exist keep the settings that they were created with.',
          params,
          body: requestDocument(changedWorkspaceAttributes),
          response: { 200: workspaceDocument },
        },
      },
      async ({ actor, params: address, body }) => {
        const workspace = await updateWorkspace(dependencies, actor, address, settingsOf(body.data.attributes));
        return { data: workspaceResource(database, workspace, 'owner') };
      },
    );

    const remove = async (actor: Actor, address: WorkspaceAddress, given: Confirmation, onlyWhenEmpty: boolean) => {
      const { workspace } = await requireOwnWorkspace(database, actor, address);
      requireConfirmName(actor, { workspaceName: workspace.name, given: given['confirm-name'] });
      await deleteWorkspace(database, actor, workspace, { onlyWhenEmpty }, clock.now());
    };

    app.delete(
      path,
      {
        schema: {
          tags,
          summary: 'Delete a workspace with its state',
          description: 'Owners only. What terraform made stays in AWS, unmanaged. Refused while a run is not over.',
          params,
          querystring: confirmation,
          response: { 204: z.null() },
        },
      },
      async ({ actor, params: address, query }, reply) => {
        await remove(actor, address, query, false);
        return reply.status(204).send(null);
      },
    );

    app.post(
      `${path}/actions/safe-delete`,
      {
        schema: {
          tags,
          summary: 'Delete a workspace that manages nothing',
          params,
          querystring: confirmation,
          response: { 204: z.null() },
        },
      },
      async ({ actor, params: address, query }, reply) => {
        await remove(actor, address, query, true);
        return reply.status(204).send(null);
      },
    );
  }
};
