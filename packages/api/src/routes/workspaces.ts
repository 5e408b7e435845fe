import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { requireConfirmName } from '../domain/confirm-name.ts';
import { requireMember } from '../services/authorize.ts';
import { createWorkspaceOf } from '../services/create-workspace.ts';
import { requireOwnWorkspace, requireWorkspace, type WorkspaceAddress } from '../services/find-workspace.ts';
import { updateWorkspace } from '../services/update-workspace.ts';
import { deleteWorkspace } from '../store/delete-workspace.ts';
import { listWorkspaces, workspaceOrders } from '../store/workspace-list.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { includeQuery, withIncluded } from './includes.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { statusesNamed } from './run-filters.ts';
import { tagFilters, taggedQuery } from './tag-query.ts';
import { tagsGiven } from './tag-resource.ts';
import {
  changedWorkspaceAttributes,
  changedWorkspaceRelationships,
  newWorkspaceAttributes,
  newWorkspaceRelationships,
  settingsOf,
} from './workspace-attributes.ts';
import { type WorkspaceIncludeDependencies, workspacesWithIncluded } from './workspace-includes.ts';
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

/** What go-tfe looks for workspaces by. Lists of tags are separated by commas; a workspace bears its project's too. */
const listQuery = pageQuery.extend({
  'search[name]': z.string().max(90).optional(),
  /** `*` stands for anything. */
  'search[wildcard-name]': z.string().max(90).optional(),
  /** Bears all of them. */
  'search[tags]': z.string().max(1000).optional(),
  /** Bears none of them. */
  'search[exclude-tags]': z.string().max(1000).optional(),
  'filter[project][id]': z.string().max(100).optional(),
  /** Words of a run's `status` or `gatehouse-status`. */
  'filter[current-run][status]': z.string().max(500).optional(),
  sort: z.enum(workspaceOrders, `One of ${workspaceOrders.join(', ')}.`).optional(),
  ...includeQuery.shape,
});

export const workspaceRoutes: FastifyPluginAsyncZod<WorkspaceIncludeDependencies> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.get(
    '/organizations/:organization/workspaces',
    {
      schema: {
        tags,
        summary: 'The workspaces of an organization',
        description: 'Tags with values are sought as `filter[tagged][0][key]` and `filter[tagged][0][value]`.',
        params: organizationParameter,
        querystring: listQuery.loose(),
        response: { 200: listSchema(workspaceSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      const { organization } = params;
      const filter = {
        search: query['search[name]'],
        wildcard: query['search[wildcard-name]'],
        tagged: [...tagFilters(query['search[tags]']), ...taggedQuery.parse(query)],
        notTagged: tagFilters(query['search[exclude-tags]']),
        projectId: query['filter[project][id]'] || undefined,
        currentRunStatuses: statusesNamed(query['filter[current-run][status]']),
      };
      const found = await listWorkspaces(database, organization, filter, pageOf(query), query.sort);
      const { data, included } = await workspacesWithIncluded(dependencies, found.workspaces, query.include, {
        actor,
        role,
      });
      return withIncluded(listDocument(data, found.totalCount, query), included);
    },
  );

  app.post(
    '/organizations/:organization/workspaces',
    {
      schema: {
        tags,
        summary: 'Make a workspace',
        params: organizationParameter,
        body: requestDocument(newWorkspaceAttributes, newWorkspaceRelationships),
        response: { 201: workspaceDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { attributes, relationships } = body.data;
      const workspace = await createWorkspaceOf(dependencies, actor, {
        organization: params.organization,
        settings: { ...settingsOf(attributes), name: attributes.name },
        projectId: relationships?.project?.data.id,
        tags: tagsGiven(relationships?.['tag-bindings']?.data ?? []),
        words: relationships?.tags?.data.map(({ id, attributes: given }) => ({ id, name: given?.name })),
        sourceName: attributes['source-name'] ?? undefined,
        sourceUrl: attributes['source-url'] ?? undefined,
      });
      return reply.status(201).send({ data: workspaceResource(database, workspace, 'owner') });
    },
  );

  for (const { path, params: parameters } of addressed) {
    // The union of two schemas: either path gives an address.
    const params: z.ZodType<Parameters> = parameters;

    app.get(
      path,
      {
        schema: {
          tags,
          summary: 'One workspace',
          params,
          querystring: includeQuery,
          response: { 200: workspaceDocument },
        },
      },
      async ({ actor, params: address, query }) => {
        const { workspace, membership } = await requireWorkspace(database, actor, address);
        const { role } = membership;
        const { data, included } = await workspacesWithIncluded(dependencies, [workspace], query.include, {
          actor,
          role,
        });
        const [shown = workspaceResource(database, workspace, role)] = data;
        return withIncluded({ data: shown }, included);
      },
    );

    app.patch(
      path,
      {
        schema: {
          tags,
          summary: 'Change the settings of a workspace',
          description:
            'Owners only. Runs that exist keep the settings that they were created with. `tag-bindings` replace all tags.',
          params,
          body: requestDocument(changedWorkspaceAttributes.prefault({}), changedWorkspaceRelationships),
          response: { 200: workspaceDocument },
        },
      },
      async ({ actor, params: address, body }) => {
        const { attributes, relationships } = body.data;
        const bindings = relationships?.['tag-bindings']?.data;
        const workspace = await updateWorkspace(dependencies, actor, address, settingsOf(attributes), {
          projectId: relationships?.project?.data.id,
          tags: bindings && tagsGiven(bindings),
        });
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
