import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { requireMember } from '../services/authorize.ts';
import { createRun } from '../services/create-run.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import type { RunCore } from '../services/run-core.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import { detailsOf, type RunDetails, runDetails } from '../store/run-details.ts';
import type { RunFilter } from '../store/run-filter.ts';
import { listRuns } from '../store/runs.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { includeQuery, withIncluded } from './includes.ts';
import {
  documentAt,
  documentSchema,
  listDocument,
  listSchema,
  type PageQuery,
  pageOf,
  requestDocument,
} from './json-api.ts';
import { newRunAttributes, newRunRelationships } from './run-bodies.ts';
import { organizationRunsQuery, runFilterOf, runListQuery } from './run-filters.ts';
import { includedWithRuns } from './run-includes.ts';
import { runSchema } from './run-resource.ts';
import { type Viewer, viewOf, wholeRun } from './run-view.ts';

const tags = ['Runs'];
const runDocument = documentSchema(runSchema);
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
        configurationVersionId: relationships['configuration-version']?.data?.id,
        message: attributes.message ?? '',
        source: attributes.source ?? 'tfe-api',
        isDestroy: attributes['is-destroy'] ?? false,
        confirmName: attributes['confirm-name'] ?? undefined,
        refresh: attributes.refresh ?? true,
        refreshOnly: attributes['refresh-only'] ?? false,
        planOnly: attributes['plan-only'] ?? undefined,
        savePlan: attributes['save-plan'] ?? false,
        autoApply: attributes['auto-apply'] ?? undefined,
        allowEmptyApply: attributes['allow-empty-apply'] ?? undefined,
        terraformVersion: attributes['terraform-version'] ?? undefined,
        targetAddrs: attributes['target-addrs'] ?? [],
        replaceAddrs: attributes['replace-addrs'] ?? [],
        variables: attributes.variables ?? [],
      });
      return reply.status(201).send(await documentOf(detailsOf(database, run), actor));
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
      const details = detailsOf(database, requireVisibleRun(database, actor, params.id));
      const included = await includedWithRuns(dependencies, [details], query.include, actor);
      return withIncluded(await documentOf(details, actor), included);
    },
  );

  app.get(
    '/workspaces/:id/runs',
    {
      schema: {
        tags,
        summary: 'The runs of a workspace, newest first',
        description:
          'Plan-only runs are left out unless `filter[plan-only]=true` or `filter[operation]` asks for them.',
        params: idParameter,
        querystring: runListQuery.extend({ 'filter[plan-only]': z.stringbool().default(false) }),
        response: { 200: listSchema(runSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace, membership } = await requireWorkspace(database, actor, params);
      const filter = runFilterOf(query, dependencies.clock.now());
      const withPlanOnly = query['filter[plan-only]'] || filter.operations?.includes('plan_only');
      const whole = { ...filter, workspaceId: workspace.id, withoutPlanOnly: !withPlanOnly };
      return listOf(whole, query, { actor, role: membership.role });
    },
  );

  app.get(
    '/organizations/:organization/runs',
    {
      schema: {
        tags,
        summary: 'The runs of an organization, newest first',
        params: organizationParameter,
        querystring: organizationRunsQuery,
        response: { 200: listSchema(runSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { role } = await requireMember(database, actor, params.organization);
      const filter = runFilterOf(query, dependencies.clock.now());
      return listOf({ ...filter, organization: params.organization }, query, { actor, role });
    },
  );

  async function documentOf(details: RunDetails, actor: Actor) {
    const { role } = await requireMember(database, actor, details.run.organization);
    const view = viewOf(dependencies, { actor, role });
    return documentAt(view.now, await wholeRun(dependencies, details, view));
  }

  async function listOf(filter: RunFilter, query: PageQuery & { include?: string | undefined }, asks: Viewer) {
    const { runs, totalCount } = listRuns(database, filter, pageOf(query));
    const details = runDetails(database, runs);
    const view = viewOf(dependencies, asks);
    const data = await Promise.all(details.map((each) => wholeRun(dependencies, each, view)));
    const list = listDocument(data, totalCount, query, view.now);
    return withIncluded(list, await includedWithRuns(dependencies, details, query.include, asks.actor));
  }
};
