import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { openErroredState } from '../services/errored-state.ts';
import { openState } from '../services/read-state.ts';
import { requireVisible } from '../services/require-visible.ts';
import { openStateJson } from '../services/state-json.ts';
import { requireVisiblePhase } from '../services/visible-phase.ts';
import type { Database } from '../store/database.ts';
import { recordStateRead } from '../store/state-reads.ts';
import { findStateVersion, type StateVersion } from '../store/state-versions.ts';
import { idParameter } from './fields.ts';

const schema = { tags: ['State versions'], produces: ['application/json'], params: idParameter };

/** Whole states, with the secrets that are in them: who takes one is in the audit log. */
export const stateDownloadRoutes: FastifyPluginAsyncZod<{
  database: Database;
  blobs: BlobStore;
  clock: Clock;
}> = async (app, dependencies) => {
  const { database, clock } = dependencies;
  const visible = (actor: Actor, id: string) =>
    requireVisible(database, actor, findStateVersion(database, id), `state version ${id}`);

  async function record(actor: Actor, version: StateVersion, form: 'state' | 'json'): Promise<void> {
    const { id, organization, workspaceName, serial } = version;
    const target = { targetType: 'state-versions', targetId: id, organization };
    const details = { workspace: workspaceName, serial, form };
    await recordStateRead(database, actor, { ...target, action: 'state_version.downloaded', details }, clock.now());
  }

  app.get(
    '/state-versions/:id/download',
    { schema: { ...schema, summary: 'Download a state, as terraform wrote it' } },
    async ({ actor, params: { id } }, reply) => {
      const version = visible(actor, id);
      const state = await openState(dependencies, id);
      await record(actor, version, 'state');
      return reply.type('application/json').header('cache-control', 'no-store').send(state);
    },
  );

  app.get(
    '/state-versions/:id/json-download',
    { schema: { ...schema, summary: 'Download a state in the JSON that terraform has for other programs' } },
    async ({ actor, params: { id } }, reply) => {
      const version = visible(actor, id);
      if (!version.hasJson) throw new GatehouseError('not_found', `No JSON was sent with state version ${id}.`);
      const json = await openStateJson(dependencies, id);
      await record(actor, version, 'json');
      return reply.type('application/json').header('cache-control', 'no-store').send(json);
    },
  );

  app.get(
    '/applies/:id/errored-state',
    {
      schema: {
        ...schema,
        tags: ['Applies'],
        summary: 'Download the last state of an apply that was refused',
        description: 'Check it, then bring it back with `terraform state push`. 404 where every state was stored.',
      },
    },
    async ({ actor, params: { id } }, reply) => {
      const { run, workspaceName } = requireVisiblePhase(database, actor, id, 'apply');
      const state = await openErroredState(dependencies, run.id);
      if (state === undefined) throw new GatehouseError('not_found', `Apply ${id} left no state that was refused.`);
      const target = { targetType: 'runs', targetId: run.id, organization: run.organization };
      const read = { ...target, action: 'errored_state.downloaded', details: { workspace: workspaceName } };
      await recordStateRead(database, actor, read, clock.now());
      return reply.type('application/json').header('cache-control', 'no-store').send(state);
    },
  );
};
