import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { projectName } from '../domain/project-rules.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import { requireOwnProject, requireProject } from '../services/find-project.ts';
import { moveWorkspaces } from '../services/move-workspaces.ts';
import type { Database } from '../store/database.ts';
import { changeProject, createProject, deleteProject, listProjects, type Project } from '../store/projects.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { tagsOf } from '../store/tags.ts';
import { description, idParameter, organizationParameter } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { includedOnce, includeQuery, includesOf, withIncluded } from './includes.ts';
import { documentSchema, ignored, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import { projectResource, projectSchema } from './project-resource.ts';
import { taggedQuery, wordsOf } from './tag-query.ts';
import { effectiveTagBindingResource, givenTagBindings, tagsGiven } from './tag-resource.ts';

const tags = ['Projects'];
const projectDocument = documentSchema(projectSchema);

const attributes = z.strictObject({
  name: z.string().regex(projectName.pattern, projectName.rule).optional(),
  description: description.nullish(),
  'default-execution-mode': z.literal('remote', 'Here a workspace says where it runs, not its project.').nullish(),
  ...ignored(['auto-destroy-activity-duration', 'default-agent-pool-id', 'setting-overwrites']),
});
const newAttributes = attributes.required({ name: true });
const relationships = z.object({ 'tag-bindings': z.object({ data: givenTagBindings }).optional() }).optional();

const listQuery = pageQuery.extend({
  /** Whole names, separated by commas. */
  'filter[names]': z.string().max(1000).optional(),
  /** Part of a name. */
  q: z.string().max(90).optional(),
  ...includeQuery.shape,
});

/** Where workspaces belong. Members read them, owners decide. */
export const projectRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.get(
    '/organizations/:organization/projects',
    {
      schema: {
        tags,
        summary: 'The projects of an organization',
        description: 'Tags are sought as `filter[tagged][0][key]` and `filter[tagged][0][value]`.',
        params: organizationParameter,
        querystring: listQuery.loose(),
        response: { 200: listSchema(projectSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      const { projects, totalCount } = await listProjects(
        database,
        params.organization,
        { names: wordsOf(query['filter[names]']), search: query.q, tagged: taggedQuery.parse(query) },
        pageOf(query),
      );
      const shown = projects.map((project) => show(project, role, query.include));
      const list = listDocument(
        shown.map(({ data }) => data),
        totalCount,
        query,
      );
      return withIncluded(list, shown[0]?.included && shown.flatMap(({ included = [] }) => included));
    },
  );

  app.post(
    '/organizations/:organization/projects',
    {
      schema: {
        tags,
        summary: 'Make a project',
        params: organizationParameter,
        body: requestDocument(newAttributes, relationships),
        response: { 201: projectDocument },
      },
    },
    async ({ actor, params: { organization }, body }, reply) => {
      const { name, description: text } = body.data.attributes;
      // The terraform CLI makes the project that a cloud block names and that is not there, and shows this sentence.
      await requireOwner(database, actor, organization, `make a project, and there is none called "${name}"`);
      const borne = tagsGiven(body.data.relationships?.['tag-bindings']?.data ?? []);
      const input = { organization, name, description: text ?? '', tags: borne };
      const project = await createProject(database, actor, input, clock.now());
      return reply.status(201).send({ data: projectResource(database, project, 'owner') });
    },
  );

  app.get(
    '/projects/:id',
    {
      schema: {
        tags,
        summary: 'One project',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: projectDocument },
      },
    },
    async ({ actor, params, query }) => {
      const { project, membership } = await requireProject(database, actor, params.id);
      return show(project, membership.role, query.include);
    },
  );

  app.patch(
    '/projects/:id',
    {
      schema: {
        tags,
        summary: 'Change a project',
        description: '`tag-bindings` replace those that it has.',
        params: idParameter,
        body: requestDocument(attributes.prefault({}), relationships),
        response: { 200: projectDocument },
      },
    },
    async ({ actor, params, body }) => {
      const { project, membership } = await requireOwnProject(database, actor, params.id);
      const given = body.data.relationships?.['tag-bindings']?.data;
      const { name, description: text } = body.data.attributes;
      const changes = givenFields({
        name,
        description: text === null ? '' : text,
        tags: given === undefined ? undefined : tagsGiven(given),
      });
      const changed = await changeProject(database, actor, project, changes, clock.now());
      return { data: projectResource(database, changed, membership.role) };
    },
  );

  app.delete(
    '/projects/:id',
    {
      schema: {
        tags,
        summary: 'Delete a project',
        description: 'Refused for the default project, and while it has workspaces.',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      const { project } = await requireOwnProject(database, actor, params.id);
      await deleteProject(database, actor, project, clock.now());
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/projects/:id/relationships/workspaces',
    {
      schema: {
        tags,
        summary: 'Move workspaces into a project',
        params: idParameter,
        body: z.object({ data: z.array(z.object({ id: z.string() })).max(100) }),
        response: { 204: z.null() },
      },
    },
    async ({ actor, params, body }, reply) => {
      const workspaceIds = body.data.map(({ id }) => id);
      await moveWorkspaces(dependencies, actor, { projectId: params.id, workspaceIds });
      return reply.status(204).send(null);
    },
  );

  function show(project: Project, role: MemberRole, include: string | undefined) {
    const asked = includesOf(include, ['effective_tag_bindings']);
    if (asked.size === 0) return { data: projectResource(database, project, role) };
    // A project inherits from nothing.
    const borne = tagsOf(database, { kind: 'project', id: project.id }).map((tag) => ({ ...tag, inheritedFrom: null }));
    const data = projectResource(database, project, role, borne);
    return withIncluded({ data }, includedOnce(asked, borne.map(effectiveTagBindingResource)));
  }
};
