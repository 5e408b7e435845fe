import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import { addWorkspacesToTag, changeTagNames, putTagBindings } from '../services/change-tags.ts';
import { requireProject } from '../services/find-project.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import type { Database } from '../store/database.ts';
import { deleteOrganizationTags, listOrganizationTags } from '../store/organization-tags.ts';
import { effectiveTags, tagsOf } from '../store/tags.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { listDocument, listSchema, pageOf, pageQuery } from './json-api.ts';
import {
  effectiveTagBindingResource,
  effectiveTagBindingSchema,
  givenTagBindings,
  givenTags,
  organizationTagResource,
  organizationTagSchema,
  tagBindingResource,
  tagBindingSchema,
  tagResource,
  tagSchema,
  tagsGiven,
} from './tag-resource.ts';

const tags = ['Tags'];
const bindings = { 200: z.object({ data: z.array(tagBindingSchema) }) };
const effective = { 200: z.object({ data: z.array(effectiveTagBindingSchema) }) };
const ids = z.object({ data: z.array(z.object({ id: z.string() })).max(100) });

/** Tags of workspaces and projects. Members read them, owners give and take them. */
export const tagRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.get(
    '/workspaces/:id/relationships/tags',
    {
      schema: {
        tags,
        summary: 'The tags of a workspace as words',
        params: idParameter,
        querystring: pageQuery.extend({ name: z.string().max(200).optional() }),
        response: { 200: listSchema(tagSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const part = query.name?.toLowerCase() ?? '';
      const borne = tagsOf(database, { kind: 'workspace', id: workspace.id }).filter(({ key }) =>
        key.toLowerCase().includes(part),
      );
      const { offset, limit } = pageOf(query);
      return listDocument(borne.slice(offset, offset + limit).map(tagResource), borne.length, query);
    },
  );

  for (const { method, how, summary } of [
    { method: 'POST', how: 'add', summary: 'Give words to a workspace; a tag that it bears keeps its value' },
    { method: 'DELETE', how: 'remove', summary: 'Take tags from a workspace, with their values' },
  ] as const) {
    app.route({
      method,
      url: '/workspaces/:id/relationships/tags',
      schema: {
        tags,
        summary,
        params: idParameter,
        body: z.object({ data: givenTags }),
        response: { 204: z.null() },
      },
      handler: async ({ actor, params, body }, reply) => {
        const named = body.data.map(({ id, attributes }) => ({ id, name: attributes?.name }));
        await changeTagNames(dependencies, actor, { workspaceId: params.id, how, tags: named });
        return reply.status(204).send(null);
      },
    });
  }

  app.get(
    '/workspaces/:id/tag-bindings',
    { schema: { tags, summary: "A workspace's own tags with their values", params: idParameter, response: bindings } },
    async ({ actor, params }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      return { data: tagsOf(database, { kind: 'workspace', id: workspace.id }).map(tagBindingResource) };
    },
  );

  app.get(
    '/workspaces/:id/effective-tag-bindings',
    {
      schema: {
        tags,
        summary: "A workspace's tags, with those that it inherits from its project",
        params: idParameter,
        response: effective,
      },
    },
    async ({ actor, params }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      return { data: effectiveTags(database, workspace).map(effectiveTagBindingResource) };
    },
  );

  app.get(
    '/projects/:id/tag-bindings',
    { schema: { tags, summary: 'The tags of a project', params: idParameter, response: bindings } },
    async ({ actor, params }) => {
      const { project } = await requireProject(database, actor, params.id);
      return { data: tagsOf(database, { kind: 'project', id: project.id }).map(tagBindingResource) };
    },
  );

  app.get(
    '/projects/:id/effective-tag-bindings',
    { schema: { tags, summary: 'The same: a project inherits nothing', params: idParameter, response: effective } },
    async ({ actor, params }) => {
      const { project } = await requireProject(database, actor, params.id);
      const borne = tagsOf(database, { kind: 'project', id: project.id });
      return { data: borne.map((tag) => effectiveTagBindingResource({ ...tag, inheritedFrom: null })) };
    },
  );

  for (const kind of ['workspace', 'project'] as const) {
    app.patch(
      `/${kind}s/:id/tag-bindings`,
      {
        schema: {
          tags,
          summary: `Give tags to a ${kind}, or new values to those it has`,
          description: 'The others stay. To replace them all, change the resource itself with `tag-bindings`.',
          params: idParameter,
          body: z.object({ data: givenTagBindings }),
          response: bindings,
        },
      },
      async ({ actor, params, body }) => {
        const bearer = { kind, id: params.id };
        const borne = await putTagBindings(dependencies, actor, bearer, tagsGiven(body.data));
        return { data: borne.map(tagBindingResource) };
      },
    );
  }

  app.get(
    '/organizations/:organization/tags',
    {
      schema: {
        tags,
        summary: 'The tags that anything in an organization bears',
        params: organizationParameter,
        querystring: pageQuery.extend({
          q: z.string().max(200).optional(),
          /** Of a workspace or a project, whose tags are left out; or of one tag. */
          'filter[exclude][taggable][id]': z.string().max(100).optional(),
        }),
        response: { 200: listSchema(organizationTagSchema) },
      },
    },
    async ({ actor, params, query }) => {
      await requireMember(database, actor, params.organization);
      const filter = { search: query.q, exceptOf: query['filter[exclude][taggable][id]'] };
      const found = await listOrganizationTags(database, params.organization, filter, pageOf(query));
      return listDocument(found.tags.map(organizationTagResource), found.totalCount, query);
    },
  );

  app.delete(
    '/organizations/:organization/tags',
    {
      schema: {
        tags,
        summary: 'Take tags away from everything in an organization',
        params: organizationParameter,
        body: ids,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params, body }, reply) => {
      await requireOwner(database, actor, params.organization);
      const gone = body.data.map(({ id }) => id);
      await deleteOrganizationTags(database, actor, params.organization, gone, clock.now());
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/tags/:id/relationships/workspaces',
    {
      schema: {
        tags,
        summary: 'Give a tag to workspaces',
        params: idParameter,
        body: ids,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params, body }, reply) => {
      const workspaceIds = body.data.map(({ id }) => id);
      await addWorkspacesToTag(dependencies, actor, { tagId: params.id, workspaceIds });
      return reply.status(204).send(null);
    },
  );
};
