import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireMember, requireOwner } from '../services/authorize.ts';
import { requireVariableSet } from '../services/find-variable-set.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import { createVariable, updateVariable } from '../services/set-variable.ts';
import type { Database } from '../store/database.ts';
import { effectiveVariables, type VariableRow } from '../store/effective-variables.ts';
import { findMembership } from '../store/memberships.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { deleteVariable, findVariable, listVariables, type VariableScope } from '../store/variables.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import {
  changedVariableAttributes,
  inWorkspace,
  newVariableAttributes,
  variableResource,
  variableSchema,
} from './variable-resource.ts';

const tags = ['Variables'];
const variableDocument = documentSchema(variableSchema);

type ScopeAddress = { id: string } | { organization: string } | { variableSet: string };
const setParameter = z.object({ variableSet: z.string() });

const scopes: readonly { path: string; of: string; params: z.ZodType<ScopeAddress> }[] = [
  { path: '/workspaces/:id/vars', of: 'a workspace', params: idParameter },
  { path: '/organizations/:organization/vars', of: 'an organization', params: organizationParameter },
  { path: '/varsets/:variableSet/relationships/vars', of: 'a variable set', params: setParameter },
];

type VariableAddress = { variable: string } & {
  [Scope in 'id' | 'organization' | 'variableSet']?: string | undefined;
};

const single: readonly { path: string; params: z.ZodType<VariableAddress> }[] = [
  { path: '/workspaces/:id/vars/:variable', params: idParameter.extend({ variable: z.string() }) },
  {
    path: '/organizations/:organization/vars/:variable',
    params: organizationParameter.extend({ variable: z.string() }),
  },
  {
    path: '/varsets/:variableSet/relationships/vars/:variable',
    params: setParameter.extend({ variable: z.string() }),
  },
  // The older path of the TFE API.
  { path: '/vars/:variable', params: z.object({ variable: z.string() }) },
];

/** Variables of workspaces, variable sets and organizations. Members read their names, owners read and write. */
export const variableRoutes: FastifyPluginAsyncZod<{ database: Database; sealer: Sealer; clock: Clock }> = async (
  app,
  dependencies,
) => {
  const { database, sealer, clock } = dependencies;

  for (const { path, of, params } of scopes) {
    app.get(
      path,
      {
        schema: {
          tags,
          summary: `The variables of ${of}`,
          params,
          querystring: pageQuery.extend({ 'page[size]': pageQuery.shape['page[size]'].default(100) }),
          response: { 200: listSchema(variableSchema) },
        },
      },
      async ({ actor, params: address, query }) => {
        const { scope, role } = await requireScope(database, actor, address);
        const { variables, totalCount } = await listVariables(database, scope, pageOf(query));
        const data = await Promise.all(variables.map((row) => variableResource(sealer, row, role)));
        return listDocument(data, totalCount, query);
      },
    );

    app.post(
      path,
      {
        schema: {
          tags,
          summary: `Add a variable to ${of}`,
          params,
          body: requestDocument(newVariableAttributes),
          response: { 201: variableDocument },
        },
      },
      async ({ actor, params: address, body }, reply) => {
        const { scope } = await requireScope(database, actor, address);
        await requireOwner(database, actor, scope.organization);
        const { key, value, category, sensitive, hcl, description } = body.data.attributes;
        const input = { key, value, category, sensitive, hcl, description };
        const row = await createVariable(dependencies, actor, scope, input);
        return reply.status(201).send({ data: await variableResource(sealer, row, 'owner') });
      },
    );
  }

  for (const { path, params: parameters } of single) {
    app.get(
      path,
      { schema: { tags, summary: 'One variable', params: parameters, response: { 200: variableDocument } } },
      async ({ actor, params }) => {
        const { row, role } = await requireVariable(database, actor, params);
        return { data: await variableResource(sealer, row, role) };
      },
    );

    app.patch(
      path,
      {
        schema: {
          tags,
          summary: 'Change a variable',
          params: parameters,
          body: requestDocument(changedVariableAttributes),
          response: { 200: variableDocument },
        },
      },
      async ({ actor, params, body }) => {
        const { row } = await requireVariable(database, actor, params);
        await requireOwner(database, actor, row.organization);
        const { 'version-id': _version, 'workspace-id': _workspace, ...input } = body.data.attributes;
        const changed = await updateVariable(dependencies, actor, row, givenFields(input));
        return { data: await variableResource(sealer, changed, 'owner') };
      },
    );

    app.delete(
      path,
      { schema: { tags, summary: 'Delete a variable', params: parameters, response: { 204: z.null() } } },
      async ({ actor, params }, reply) => {
        const { row } = await requireVariable(database, actor, params);
        await requireOwner(database, actor, row.organization);
        await deleteVariable(database, actor, row, clock.now());
        return reply.status(204).send(null);
      },
    );
  }

  app.get(
    '/workspaces/:id/all-vars',
    {
      schema: {
        tags,
        summary:
          'What holds in a workspace: of each name the strongest of its own, its variable sets and its organization',
        params: idParameter,
        response: { 200: listSchema(variableSchema) },
      },
    },
    async ({ actor, params }) => {
      const { workspace, membership } = await requireWorkspace(database, actor, params);
      const rows = effectiveVariables(database, { organization: workspace.organization, workspaceId: workspace.id });
      const resources = await Promise.all(rows.map((row) => variableResource(sealer, row, membership.role)));
      const data = resources.map(inWorkspace);
      return listDocument(data, data.length, { 'page[number]': 1, 'page[size]': Math.max(1, data.length) });
    },
  );
};

async function requireScope(
  database: Database,
  actor: Actor,
  address: ScopeAddress,
): Promise<{ scope: VariableScope; role: MemberRole }> {
  if ('organization' in address) {
    const { role } = await requireMember(database, actor, address.organization);
    return { scope: { organization: address.organization, workspaceId: null }, role };
  }
  if ('variableSet' in address) {
    const { set, membership } = await requireVariableSet(database, actor, address.variableSet);
    const scope = { organization: set.organization, workspaceId: null, variableSetId: set.id };
    return { scope, role: membership.role };
  }
  const { workspace, membership } = await requireWorkspace(database, actor, address);
  return { scope: { organization: workspace.organization, workspaceId: workspace.id }, role: membership.role };
}

async function requireVariable(
  database: Database,
  actor: Actor,
  address: VariableAddress,
): Promise<{ row: VariableRow; role: MemberRole }> {
  const row = await findVariable(database, address.variable);
  const membership = row && findMembership(database, row.organization, actor.userId);
  if (row === undefined || membership === undefined || !isAt(row, address)) {
    throw new GatehouseError('not_found', `There is no variable ${address.variable} that you may see here.`);
  }
  return { row, role: membership.role };
}

/** A path that names a scope finds the variables of that scope only. */
function isAt(row: VariableRow, { id, organization, variableSet }: VariableAddress): boolean {
  if (id !== undefined) return row.workspaceId === id;
  if (variableSet !== undefined) return row.variableSetId === variableSet;
  if (organization === undefined) return true;
  return row.organization === organization && row.workspaceId === null && row.variableSetId === null;
}
