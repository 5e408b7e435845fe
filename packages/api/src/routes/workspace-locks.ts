import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireOwnWorkspace, requireWorkspace } from '../services/find-workspace.ts';
import type { RunCore } from '../services/run-core.ts';
import { unlockAndRelease } from '../services/unlock-workspace.ts';
import { lockWorkspace } from '../store/workspace-locks.ts';
import { idParameter } from './fields.ts';
import { documentSchema } from './json-api.ts';
import { workspaceResource, workspaceSchema } from './workspace-resource.ts';

const tags = ['Workspaces'];
const response = { 200: documentSchema(workspaceSchema) };

const reason = z.string().max(1000).default('');
/** go-tfe sends plain JSON, the terraform CLI a document with an empty type. */
const lockBody = z
  .union([
    z.object({ data: z.object({ attributes: z.object({ reason }).default({ reason: '' }) }) }),
    z.object({ reason }),
  ])
  .nullish();

/** Locks that people set: nothing starts in a locked workspace. */
export const workspaceLockRoutes: FastifyPluginAsyncZod<RunCore> = async (app, core) => {
  const { database, clock } = core;
  app.post(
    '/workspaces/:id/actions/lock',
    { schema: { tags, summary: 'Lock a workspace', params: idParameter, body: lockBody, response } },
    async ({ actor, params, body }) => {
      const { membership } = await requireWorkspace(database, actor, params);
      const given =
        body === null || body === undefined ? '' : 'data' in body ? body.data.attributes.reason : body.reason;
      const workspace = await lockWorkspace(database, actor, params.id, given, clock.now());
      return { data: workspaceResource(database, workspace, membership.role) };
    },
  );

  app.post(
    '/workspaces/:id/actions/unlock',
    { schema: { tags, summary: 'Take my lock away', params: idParameter, response } },
    async ({ actor, params }) => {
      const { membership } = await requireWorkspace(database, actor, params);
      const workspace = await unlockAndRelease(core, actor, params.id, { force: false });
      return { data: workspaceResource(database, workspace, membership.role) };
    },
  );

  app.post(
    '/workspaces/:id/actions/force-unlock',
    {
      schema: {
        tags,
        summary: "Take somebody's lock away",
        description: 'Owners only.',
        params: idParameter,
        response,
      },
    },
    async ({ actor, params }) => {
      const { membership } = await requireOwnWorkspace(database, actor, params);
      const workspace = await unlockAndRelease(core, actor, params.id, { force: true });
      return { data: workspaceResource(database, workspace, membership.role) };
    },
  );
};
