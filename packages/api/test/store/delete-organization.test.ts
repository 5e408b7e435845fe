import { newId } from '@gatehouse/shared/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { deleteOrganization } from '../../src/store/delete-organization.ts';
import { findOrganization } from '../../src/store/organizations.ts';
import { stateVersions } from '../../src/store/schema/workspaces.ts';
import { type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.close());

async function remove(): Promise<void> {
  const organization = await findOrganization(world.database, 'acme');
  if (organization === undefined) throw new Error('There is no acme.');
  await deleteOrganization(world.database, world.olga, organization, world.clock.now());
}

function state(workspaceId: string, resourceCount: number): void {
  const id = newId('stateVersion');
  const file = { lineage: 'l', md5: 'm', sizeBytes: 1, terraformVersion: '1.11.4', createdAt: world.clock.now() };
  world.database
    .insert(stateVersions)
    .values({ ...file, id, workspaceId, runId: null, createdBy: null, serial: 1, resourceCount })
    .run();
}

test('an organization stays while a run in it is not over, or a state still manages something', async () => {
  const workspace = await world.workspace('never');
  const run = await world.run(workspace);
  await expect(remove()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(run.id) });
  await cancelRun(world, { runId: run.id, comment: '', by: world.olga });
  expect(world.status(run.id)).toBe('canceled');

  state(workspace.id, 3);
  await expect(remove()).rejects.toMatchObject({
    code: 'conflict',
    message: `The workspace ${workspace.name} still manages 3 resources. Destroy them, or delete the workspace by force.`,
  });
  expect(await findOrganization(world.database, 'acme')).toBeDefined();

  state(workspace.id, 0);
  await remove();
  expect(await findOrganization(world.database, 'acme')).toBeUndefined();
});
