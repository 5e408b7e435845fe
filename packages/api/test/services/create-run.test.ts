import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discardRun } from '../../src/services/discard-run.ts';
import { releaseWorkspace } from '../../src/services/release-workspace.ts';
import { listHistory } from '../../src/store/history.ts';
import { variables } from '../../src/store/schema/variables.ts';
import { workspaces } from '../../src/store/schema/workspaces.ts';
import { deleteVariable } from '../../src/store/variables.ts';
import { goodKeys, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.close());

const refusal = (code: string, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

describe('a new run', () => {
  test.each([
    ['never', 'plan_queued'],
    ['applies_only', 'plan_queued'],
    ['plans_and_applies', 'awaiting_plan_mfa'],
  ] as const)('at level %s is %s, having been pending first', async (level, status) => {
    const run = await world.run(await world.workspace(level));
    expect(run.status).toBe(status);
    expect(listHistory(world.database, run.id).map(({ toStatus }) => toStatus)).toEqual(['pending', status]);
  });

  test('keeps its level when the workspace gets another (M4)', async () => {
    const workspace = await world.workspace('plans_and_applies');
    const run = await world.run(workspace, { planOnly: true });
    world.database.update(workspaces).set({ mfaLevel: 'never' }).where(eq(workspaces.id, workspace.id)).run();
    expect(world.status(run.id)).toBe('awaiting_plan_mfa');
    expect((await world.run(workspace, { planOnly: true })).status).toBe('plan_queued');
  });

  test('waits with a deadline, a parked job and a log that says where to enter the code', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    const challenge = world.challenge(run.id, 'plan');
    expect(challenge).toMatchObject({ state: 'awaiting', attempt: 0, triesLeft: 5 });
    const log = await world.log(run.id, 'plan');
    expect(log.charCodeAt(0)).toBe(2);
    expect(log).toContain(`/runs/${run.id}`);
    expect(log).toContain('arn:aws:iam::********9012:mfa/olga');
    expect(log).not.toContain('123456789012');
    const states = await world.queue.jobStates('gate', [`${challenge.id}.0`]);
    expect([...states.values()]).toEqual(['alive']);
  });

  test('of a speculative configuration is plan-only and needs no code for the apply it will not have', async () => {
    const workspace = await world.workspace('applies_only');
    const configurationVersionId = world.configuration(workspace.id, { speculative: true });
    const run = await world.run(workspace, { configurationVersionId, autoApply: true });
    expect(run).toMatchObject({ planOnly: true, autoApply: false, status: 'plan_queued' });
  });

  test.each([
    [{ isDestroy: true, refreshOnly: true }, '/data/attributes/refresh-only'],
    [{ refreshOnly: true, refresh: false }, '/data/attributes/refresh'],
    [{ isDestroy: true, replaceAddrs: ['a.b'] }, '/data/attributes/replace-addrs'],
  ])('with %o is refused, and the field is named', async (input, pointer) => {
    const attempt = world.run(await world.workspace('never'), input);
    await expect(attempt).rejects.toThrowError(expect.objectContaining({ code: 'invalid_request', pointer }));
  });

  test('needs an uploaded configuration of its own workspace', async () => {
    const workspace = await world.workspace('never');
    const foreign = world.configuration((await world.workspace('never')).id);
    const pending = world.configuration(workspace.id, { status: 'pending' });
    for (const configurationVersionId of [foreign, pending, 'cv-none']) {
      await expect(world.run(workspace, { configurationVersionId })).rejects.toThrowError(
        refusal('configuration_missing', 'Configuration version'),
      );
    }
  });

  test("of another organization's workspace is not found", async () => {
    const attempt = world.run(await world.workspace('never'), { by: world.sam });
    await expect(attempt).rejects.toThrowError(refusal('not_found'));
  });
});

describe('the AWS variables that MFA needs (M2)', () => {
  test('are named when they are missing, and not asked for where no phase needs a code', async () => {
    const bare = await startRunWorld();
    try {
      const rows = bare.database.select().from(variables).all();
      for (const row of rows) await deleteVariable(bare.database, bare.olga, row, new Date());
      const level = await bare.workspace('applies_only');
      await expect(bare.run(level)).rejects.toThrowError(
        refusal('aws_variable_missing', 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_MFA_SERIAL_NUMBER'),
      );
      await expect(bare.run(level, { planOnly: true })).resolves.toMatchObject({ status: 'plan_queued' });
      for (const [key, value] of Object.entries(goodKeys)) await bare.variable(key, value);
      await expect(bare.run(level)).rejects.toThrowError(
        refusal('aws_variable_missing', 'variable AWS_MFA_SERIAL_NUMBER'),
      );
      // A workspace's own variable is as good as the organization's.
      await bare.variable('AWS_MFA_SERIAL_NUMBER', 'arn:aws:iam::123456789012:mfa/x', { workspaceId: level.id });
      await expect(bare.run(level)).resolves.toMatchObject({ status: 'plan_queued' });
    } finally {
      await bare.close();
    }
  });
});

describe('the queue of a workspace', () => {
  test('lets one run through at a time, first in, first out', async () => {
    const workspace = await world.workspace('never');
    const [first, second, third] = [await world.run(workspace), await world.run(workspace), await world.run(workspace)];
    const all = () => [first, second, third].map(({ id }) => world.status(id));
    expect(all()).toEqual(['plan_queued', 'pending', 'pending']);
    await world.work(first.id, 'plan');
    expect(all()).toEqual(['planned', 'pending', 'pending']);
    await discardRun(world, { runId: first.id, comment: '', by: world.mia });
    expect(all()).toEqual(['discarded', 'plan_queued', 'pending']);
    await discardRun(world, { runId: third.id, comment: '', by: world.mia });
    await world.work(second.id, 'plan');
    expect(all()).toEqual(['discarded', 'planned', 'discarded']);
  });

  test('is held by a run that waits for a code, but not for plan-only runs', async () => {
    const workspace = await world.workspace('plans_and_applies');
    await world.run(workspace);
    expect((await world.run(workspace)).status).toBe('pending');
    expect((await world.run(workspace, { planOnly: true })).status).toBe('awaiting_plan_mfa');
  });

  test('stands while the workspace is locked, but for plan-only runs, and goes on with the unlock', async () => {
    const workspace = await world.workspace('never');
    const lock = (by: string | null) =>
      world.database.update(workspaces).set({ lockedBy: by }).where(eq(workspaces.id, workspace.id)).run();
    lock(world.olga.userId);
    const run = await world.run(workspace);
    expect(run.status).toBe('pending');
    expect((await world.run(workspace, { planOnly: true })).status).toBe('plan_queued');
    expect(releaseWorkspace(world, workspace.id)).toBeUndefined();
    lock(null);
    expect(releaseWorkspace(world, workspace.id)).toMatchObject({ id: run.id, status: 'plan_queued' });
    expect(releaseWorkspace(world, workspace.id)).toBeUndefined();
  });
});
