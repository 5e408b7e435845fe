import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { requireWorkspace, type WorkspaceAddress } from '../services/find-workspace.ts';
import { requireVisible } from '../services/require-visible.ts';
import { findAnnouncedState, listAnnouncedStates } from '../store/announced-states.ts';
import { announcedStateStatuses } from '../store/schema/announced-states.ts';
import {
  currentStateVersion,
  findStateVersion,
  listStateVersions,
  outputsOfStateVersion,
  type StateVersion,
  type StateVersionRow,
} from '../store/state-versions.ts';
import { idParameter } from './fields.ts';
import { includeQuery } from './includes.ts';
import { documentSchema, listDocument, listSchema, type PageQuery, pageOf, pageQuery } from './json-api.ts';
import type { NewStateVersionDependencies } from './new-state-versions.ts';
import { offerSnapshots } from './snapshot-interval.ts';
import { includedWithState, type StateIncludeDependencies } from './state-version-includes.ts';
import { announcedStateResource, stateVersionResource, stateVersionSchema } from './state-version-resource.ts';

const tags = ['State versions'];
const stateVersionDocument = documentSchema(stateVersionSchema);
const listQuery = pageQuery.extend({
  /** Default `finalized`: those that exist. The others are kept for a day. */
  'filter[status]': z.enum(announcedStateStatuses).default('finalized'),
});
type ListQuery = PageQuery & Pick<z.infer<typeof listQuery>, 'filter[status]'>;

export const stateVersionRoutes: FastifyPluginAsyncZod<NewStateVersionDependencies & StateIncludeDependencies> = async (
  app,
  dependencies,
) => {
  const { database } = dependencies;
  offerSnapshots(app);
  const show = (version: StateVersionRow) =>
    stateVersionResource(dependencies, version, outputsOfStateVersion(database, version.id));

  async function documentOf(version: StateVersion, include: string | undefined, actor: Actor) {
    const included = await includedWithState(dependencies, version, include, actor);
    return { data: show(version), ...(included === undefined ? {} : { included }) };
  }

  async function list(actor: Actor, address: WorkspaceAddress, query: ListQuery) {
    const { workspace } = await requireWorkspace(database, actor, address);
    const status = query['filter[status]'];
    if (status === 'finalized') {
      const { versions, totalCount } = await listStateVersions(database, workspace.id, pageOf(query));
      return listDocument(versions.map(show), totalCount, query);
    }
    const { states, totalCount } = await listAnnouncedStates(database, workspace.id, status, pageOf(query));
    const data = states.map((state) => announcedStateResource(dependencies, state));
    return listDocument(data, totalCount, query);
  }

  app.get(
    '/workspaces/:id/current-state-version',
    {
      schema: {
        tags,
        summary: "Read a workspace's current state version",
        params: idParameter,
        querystring: includeQuery,
        response: { 200: stateVersionDocument },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      const current = currentStateVersion(database, workspace.id);
      if (current === undefined) throw new GatehouseError('not_found', `Workspace ${workspace.id} has no state yet.`);
      const version = { ...current, organization: workspace.organization, workspaceName: workspace.name };
      return documentOf(version, query.include, actor);
    },
  );

  app.get(
    '/workspaces/:id/state-versions',
    {
      schema: {
        tags,
        summary: "List a workspace's state versions, newest first",
        params: idParameter,
        querystring: listQuery,
        response: { 200: listSchema(stateVersionSchema) },
      },
    },
    async ({ actor, params, query }) => list(actor, params, query),
  );

  app.get(
    '/state-versions',
    {
      schema: {
        tags,
        summary: 'List the state versions of a workspace that is named, newest first',
        querystring: listQuery.extend({
          'filter[workspace][name]': z.string(),
          'filter[organization][name]': z.string(),
        }),
        response: { 200: listSchema(stateVersionSchema) },
      },
    },
    async ({ actor, query }) => {
      const address = { organization: query['filter[organization][name]'], name: query['filter[workspace][name]'] };
      return list(actor, address, query);
    },
  );

  app.get(
    '/state-versions/:id',
    {
      schema: {
        tags,
        summary: 'Read a state version',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: stateVersionDocument },
      },
    },
    async ({ actor, params: { id }, query }) => {
      const what = `state version ${id}`;
      const announced = findAnnouncedState(database, id);
      if (announced !== undefined && announced.sameAs === null) {
        return { data: announcedStateResource(dependencies, requireVisible(database, actor, announced, what)) };
      }
      // What was announced and turned out to be a version that is there shows that one.
      const version = findStateVersion(database, announced?.sameAs ?? id);
      return documentOf(requireVisible(database, actor, version, what), query.include, actor);
    },
  );
};
