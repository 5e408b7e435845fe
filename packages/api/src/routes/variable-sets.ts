import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { requireMember } from '../services/authorize.ts';
import { requireVariableSet } from '../services/find-variable-set.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import {
  applyVariableSet,
  createVariableSet,
  removeVariableSet,
  updateVariableSet,
} from '../services/set-variable-set.ts';
import type { Database } from '../store/database.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { listVariableSets, type VariableSet, type VariableSetParts, variableSetParts } from '../store/variable-sets.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import {
  changedVariableSetAttributes,
  changedVariableSetRelationships,
  includedWithSets,
  includeQuery,
  newVariableSetAttributes,
  newVariableSetRelationships,
  variableSetResource,
  variableSetSchema,
  workspaceReferences,
} from './variable-set-resource.ts';

const tags = ['Variable sets'];
const setDocument = documentSchema(variableSetSchema);
const listQuery = pageQuery.extend({ ...includeQuery.shape, q: z.string().max(200).optional() });

/** Variables that several workspaces share. Members read them, owners decide. Their variables: variables.ts. */
export const variableSetRoutes: FastifyPluginAsyncZod<{ database: Database; sealer: Sealer; clock: Clock }> = async (
  app,
  dependencies,
) => {
  const { database } = dependencies;

  app.get(
    '/organizations/:organization/varsets',
    {
      schema: {
        tags,
        summary: 'The variable sets of an organization',
        params: organizationParameter,
        querystring: listQuery,
        response: { 200: listSchema(variableSetSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      return list({ organization: params.organization }, query, role);
    },
  );

  app.get(
    '/workspaces/:id/varsets',
    {
      schema: {
        tags,
        summary: 'The variable sets that hold in a workspace, the global ones among them',
        params: idParameter,
        querystring: listQuery,
        response: { 200: listSchema(variableSetSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace, membership } = await requireWorkspace(database, actor, params);
      return list({ organization: workspace.organization, workspaceId: workspace.id }, query, membership.role);
    },
  );

  app.post(
    '/organizations/:organization/varsets',
    {
      schema: {
        tags,
        summary: 'Make a variable set, with its variables and where it holds',
        params: organizationParameter,
        body: requestDocument(newVariableSetAttributes, newVariableSetRelationships),
        response: { 201: setDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { attributes: input, relationships } = body.data;
      const set = await createVariableSet(dependencies, actor, params.organization, {
        input,
        workspaceIds: idsOf(relationships?.workspaces?.data ?? []),
        variables: (relationships?.vars?.data ?? []).map(({ attributes }) => {
          const { key, value, category, sensitive, hcl, description } = attributes;
          return { key, value, category, sensitive, hcl, description };
        }),
      });
      return reply.status(201).send(await document(set, undefined, 'owner'));
    },
  );

  app.get(
    '/varsets/:id',
    {
      schema: {
        tags,
        summary: 'One variable set',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: setDocument },
      },
    },
    async ({ actor, params, query }) => {
      const { set, membership } = await requireVariableSet(database, actor, params.id);
      return document(set, query.include, membership.role);
    },
  );

  app.route({
    method: ['PATCH', 'PUT'],
    url: '/varsets/:id',
    schema: {
      tags,
      summary: 'Change a variable set; workspaces given with it are all those where it is to hold',
      params: idParameter,
      querystring: includeQuery,
      body: requestDocument(changedVariableSetAttributes, changedVariableSetRelationships),
      response: { 200: setDocument },
    },
    handler: async ({ actor, params, query, body }) => {
      const { attributes, relationships } = body.data;
      const given = relationships?.workspaces?.data;
      const changes = { input: givenFields(attributes), workspaceIds: given && idsOf(given) };
      const set = await updateVariableSet(dependencies, actor, params.id, changes);
      return document(set, query.include, 'owner');
    },
  });

  app.delete(
    '/varsets/:id',
    {
      schema: {
        tags,
        summary: 'Delete a variable set and its variables',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      await removeVariableSet(dependencies, actor, params.id);
      return reply.status(204).send(null);
    },
  );

  for (const { method, isApplied, summary } of [
    { method: 'POST', isApplied: true, summary: 'Apply a variable set to workspaces' },
    { method: 'DELETE', isApplied: false, summary: 'Remove a variable set from workspaces' },
  ] as const) {
    app.route({
      method,
      url: '/varsets/:id/relationships/workspaces',
      schema: {
        tags,
        summary,
        params: idParameter,
        body: z.object({ data: workspaceReferences }),
        response: { 204: z.null() },
      },
      handler: async ({ actor, params, body }, reply) => {
        await applyVariableSet(dependencies, actor, params.id, { workspaceIds: idsOf(body.data), isApplied });
        return reply.status(204).send(null);
      },
    });
  }

  async function list(
    filter: { organization: string; workspaceId?: string },
    query: z.infer<typeof listQuery>,
    role: MemberRole,
  ) {
    const { sets, totalCount } = await listVariableSets(database, { ...filter, search: query.q }, pageOf(query));
    const parts = await partsOf(sets);
    const data = sets.map((set, index) => variableSetResource(set, parts[index] ?? noParts));
    const included = await includedWithSets(dependencies, parts, query.include, role);
    return { ...listDocument(data, totalCount, query), ...(included && { included }) };
  }

  async function document(set: VariableSet, include: string | undefined, role: MemberRole) {
    const [parts = noParts] = await partsOf([set]);
    const included = await includedWithSets(dependencies, [parts], include, role);
    return { data: variableSetResource(set, parts), ...(included && { included }) };
  }

  async function partsOf(sets: readonly VariableSet[]): Promise<VariableSetParts[]> {
    const ids = sets.map(({ id }) => id);
    const found = await variableSetParts(database, ids);
    return ids.map((id) => found.get(id) ?? noParts);
  }
};

const noParts: VariableSetParts = { workspaceIds: [], variables: [] };

function idsOf(references: z.infer<typeof workspaceReferences>): string[] {
  return references.map(({ id }) => id);
}
