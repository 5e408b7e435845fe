import { Secret } from '@gatehouse/shared/secret';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { confirmRun } from '../../src/services/confirm-run.ts';
import { createConfigurationVersion } from '../../src/services/create-configuration-version.ts';
import { discardRun } from '../../src/services/discard-run.ts';
import { forceCancelRun } from '../../src/services/force-cancel-run.ts';
import { forceExecuteRun } from '../../src/services/force-execute-run.ts';
import { requireVisibleRun } from '../../src/services/visible-run.ts';
import { type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.close());

const tokenOf = (via: Actor['via']): Actor => ({ ...world.olga, via });

test('an organization’s token reads runs, and neither queues, decides on nor authenticates them', async () => {
  const workspace = await world.workspace('plans_and_applies');
  const { id: runId } = await world.run(workspace);
  const by = tokenOf('organization-token');
  expect(requireVisibleRun(world.database, by, runId).id).toBe(runId);
  const input = { runId, comment: '', by };
  const version = { workspaceId: workspace.id, speculative: false, autoQueueRuns: true, provisional: false };
  for (const refused of [
    () => world.run(workspace, { by }),
    () => createConfigurationVersion(world, by, version),
    () => confirmRun(world, input),
    () => discardRun(world, input),
    () => cancelRun(world, input),
    () => forceCancelRun(world, input),
    () => forceExecuteRun(world, input),
    () => authenticateRun(world, { runId, tokenCode: new Secret('123456'), by }),
  ]) {
    await expect(refused()).rejects.toMatchObject({ code: 'forbidden' });
  }
  expect(world.status(runId)).toBe('awaiting_plan_mfa');
});

test('a team’s token does what its role may, and the run bears its name', async () => {
  const workspace = await world.workspace('never');
  const by = { ...tokenOf('team-token'), username: 'api-team_deploy' };
  const run = await world.run(workspace, { by });
  expect(run.createdByName).toBe('api-team_deploy');
  await cancelRun(world, { runId: run.id, comment: '', by });
  expect(world.status(run.id)).toBe('canceled');
});
