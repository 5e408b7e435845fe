import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import { runStatuses } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { requireMember } from '../services/authorize.ts';
import { createRun } from '../services/create-run.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import type { RunCore } from '../services/run-core.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import { detailsOf, runDetails } from '../store/run-details.ts';
import { listRuns, type Run, type RunFilter } from '../store/runs.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { idParameter, organizationParameter } from './fields.ts';
import {
  documentAt,
  documentSchema,
  listDocument,
  listSchema,
  type PageQuery,
  pageOf,
  pageQuery,
  requestDocument,
} from './json-api.ts';
import { newRunAttributes, newRunRelationships } from './run-bodies.ts';
import { includedWith, includeQuery } from './run-includes.ts';
import { runResource, runSchema } from './run-resource.ts';
import { viewOf } from './run-view.ts';

const tags = ['Runs'];
const runDocument = documentSchema(runSchema);
const listQuery = pageQuery.extend({
  /** Words of `status` or `gatehouse-status`, separated by commas. */
  'filter[status]': z.string().max(500).optional(),
  ...includeQuery.shape,
});

export const runRoutes: FastifyPluginAsyncZod<RunCore & LogReadUrlDependencies> = async (app, dependencies) => {
  const { database } = dependencies;

  app.post(
    '/runs',
    {
      schema: {
        tags,
        summary: 'Queue a run',
        description: 'Without a configuration version the newest uploaded one of the workspace is taken.',
        body: requestDocument(newRunAttributes.prefault({}), newRunRelationships),
        response: { 201: runDocument },
      },
    },
    async ({ actor, body }, reply) => {
      const { attributes, relationships } = body.data;
      const run = await createRun(dependencies, {
        by: actor,
        workspaceId: relationships.workspace.data.id,
        configurationVersionId: relationships['configuration-version']?.data.id,
        message: attributes.message ?? '',
        source: attributes.source ?? 'tfe-api',
        isDestroy: attributes['is-destroy'] ?? false,
        confirmName: attributes['confirm-name'] ?? undefined,
        refresh: attributes.refresh ?? true,
        refreshOnly: attributes['refresh-only'] ?? false,
        planOnly: attributes['plan-only'] ?? undefined,
        savePlan: attributes['save-plan'] ?? false,
        autoApply: attributes['auto-apply'] ?? undefined,
        targetAddrs: attributes['target-addrs'] ?? [],
        replaceAddrs: attributes['replace-addrs'] ?? [],
        variables: attributes.variables ?? [],
      });
      return reply.status(201).send(await documentOf(run, actor));
    },
  );

  app.get(
    '/runs/:id',
    {
      schema: {
        tags,
        summary: 'One run',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: runDocument },
      },
    },
    async ({ actor, params, query }) => {
      const run = requireVisibleRun(database, actor, params.id);
      const document = await documentOf(run, actor);
      const included = await includedWith(dependencies, detailsOf(database, run), query.include, actor);
      return included === undefined ? document : { ...document, included };
    },
  );

  app.get(
    '/workspaces/:id/runs',
    {
      schema: {
        tags,
        summary: 'The runs of a workspace, newest first',
        description: 'Plan-only runs are left out unless `filter[plan-only]=true` asks for them.',
        params: idParameter,
        querystring: listQuery.extend({ 'filter[plan-only]': z.stringbool().default(false) }),
        response: { 200: listSchema(runSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace, membership } = await requireWorkspace(database, actor, params);
      const filter = { workspaceId: workspace.id, withoutPlanOnly: !query['filter[plan-only]'] };
      return listOf(filter, query, membership.role);
    },
  );

  app.get(
    '/organizations/:organization/runs',
    {
      schema: {
        tags,
        summary: 'The runs of an organization, newest first',
        params: organizationParameter,
        querystring: listQuery,
        response: { 200: listSchema(runSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      return listOf({ organization: params.organization }, query, role);
    },
  );

  async function documentOf(run: Run, actor: Actor) {
    const { role } = await requireMember(database, actor, run.organization);
    const data = runResource(detailsOf(database, run), viewOf(dependencies, role));
    return documentAt(dependencies.clock.now(), data);
  }

  function listOf(filter: RunFilter, query: PageQuery & { 'filter[status]'?: string | undefined }, role: MemberRole) {
    const statuses = statusesNamed(query['filter[status]']);
    const { runs, totalCount } = listRuns(database, { ...filter, statuses }, pageOf(query));
    const data = runDetails(database, runs).map((details) => runResource(details, viewOf(dependencies, role)));
    return listDocument(data, totalCount, query, dependencies.clock.now());
  }
};

/** Our statuses that are called so on the API, by the TFE word or by ours. */
function statusesNamed(words: string | undefined) {
  if (words === undefined || words === '') return undefined;
  const asked = words.split(',').map((word) => word.trim());
  return runStatuses.filter((status) =>
    [apiRunStatus(status), gatehouseStatus(status)].some((word) => asked.includes(word)),
  );
}
