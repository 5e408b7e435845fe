import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { confirmRun } from '../../src/services/confirm-run.ts';
import { discardRun } from '../../src/services/discard-run.ts';
import { storeStateVersion } from '../../src/services/store-state-version.ts';
import { findConfigurationVersion } from '../../src/store/configuration-versions.ts';
import { deleteWorkspace } from '../../src/store/delete-workspace.ts';
import { findRunnableConfiguration } from '../../src/store/run-sources.ts';
import { requireRun } from '../../src/store/runs.ts';
import { workspaces } from '../../src/store/schema/workspaces.ts';
import { lockWorkspace } from '../../src/store/workspace-locks.ts';
import { currentRunId, findActiveRun } from '../../src/store/workspace-queue.ts';
import { findWorkspace } from '../../src/store/workspaces.ts';
import { code, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: Verdict = 'accept';
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000 });
  lane = world.gateLane(() => verdict);
});
afterEach(() => {
  verdict = 'accept';
  lane.calls.length = 0;
});
afterAll(async () => {
  await lane.close();
  await world.close();
});

let next = 400_000;
const fresh = () => code(String(next++));
const refusal = (errorCode: string, words = '') =>
  expect.objectContaining({ code: errorCode, message: expect.stringContaining(words) });
const confirm = (runId: string) => confirmRun(world, { runId, comment: '', by: world.mia });

async function savedPlan(workspace: { id: string }) {
  const run = await world.run(workspace, { savePlan: true });
  return world.work(run.id, 'plan');
}

/** Somebody else's state comes in, as after an apply. */
async function changeState(workspaceId: string, serial: number): Promise<void> {
  const set = { lockedBy: world.olga.userId };
  world.database.update(workspaces).set(set).where(eq(workspaces.id, workspaceId)).run();
  const state = { version: 4, terraform_version: '1.11.4', serial, lineage: 'l', outputs: {}, resources: [] };
  await storeStateVersion(world, {
    workspaceId,
    bytes: Buffer.from(JSON.stringify(state)),
    writer: { kind: 'person', force: false },
    createdBy: world.olga.userId,
  });
  world.database.update(workspaces).set({ lockedBy: null }).where(eq(workspaces.id, workspaceId)).run();
  world.relay.wake();
  await world.relay.settled();
}

describe('a run that saves its plan', () => {
  test('plans beside the run that holds the workspace, and holds nothing itself', async () => {
    const workspace = await world.workspace('never');
    const holder = await world.run(workspace);
    const run = await world.run(workspace, { savePlan: true, autoApply: true });
    expect(run).toMatchObject({ status: 'plan_queued', savePlan: true, autoApply: false });
    expect(currentRunId(world.database, workspace.id)).toBe(holder.id);
    await discardAfterPlan(holder.id);
    // The next one begins while the saved plan is made, and when it is there.
    const second = await world.run(workspace);
    expect(second.status).toBe('plan_queued');
    expect((await world.work(run.id, 'plan')).status).toBe('planned_and_saved');
    expect(currentRunId(world.database, workspace.id)).toBe(second.id);
  });

  test('plans in a locked workspace', async () => {
    const workspace = await world.workspace('never');
    await lockWorkspace(world.database, world.olga, workspace.id, 'closed', new Date());
    expect((await savedPlan(workspace)).status).toBe('planned_and_saved');
  });

  test('ends when there is nothing to change', async () => {
    const run = await world.run(await world.workspace('never'), { savePlan: true });
    const kind = { kind: 'finished', hasChanges: false } as const;
    const none = { resourceAdditions: 0, resourceChanges: 0, resourceDestructions: 0, resourceImports: 0 };
    const after = await world.work(run.id, 'plan', { ...kind, ...none });
    expect(after).toMatchObject({ status: 'planned_and_finished', endReason: 'no_changes' });
  });

  test('asks for the code of its plan without holding the workspace (M6)', async () => {
    const workspace = await world.workspace('plans_and_applies');
    const run = await world.run(workspace, { savePlan: true });
    expect(run.status).toBe('awaiting_plan_mfa');
    expect(findActiveRun(world.database, workspace.id)).toBeUndefined();
  });

  test('cannot be one that only plans', async () => {
    const attempt = world.run(await world.workspace('never'), { savePlan: true, planOnly: true });
    await expect(attempt).rejects.toThrowError(
      expect.objectContaining({ code: 'invalid_request', pointer: '/data/attributes/save-plan' }),
    );
  });
});

describe('the decision on a saved plan', () => {
  test('takes the workspace, which later runs then wait for', async () => {
    const workspace = await world.workspace('never');
    const run = await savedPlan(workspace);
    expect((await confirm(run.id)).status).toBe('apply_queued');
    expect(currentRunId(world.database, workspace.id)).toBe(run.id);
    const later = await world.run(workspace);
    expect(later.status).toBe('pending');
    expect((await world.work(run.id, 'apply')).status).toBe('applied');
    expect(world.status(later.id)).toBe('plan_queued');
    await expect(confirm(run.id)).rejects.toThrowError(refusal('invalid_transition', 'is applied'));
  });

  test('is refused while another run holds the workspace, by name, and the plan stays saved', async () => {
    const workspace = await world.workspace('never');
    const run = await savedPlan(workspace);
    const holder = await world.run(workspace);
    await expect(confirm(run.id)).rejects.toThrowError(refusal('workspace_locked', `locked by Run ${holder.id}`));
    expect(world.status(run.id)).toBe('planned_and_saved');
    await discardAfterPlan(holder.id);
    expect((await confirm(run.id)).status).toBe('apply_queued');
  });

  test('is refused while a person holds the workspace, by name', async () => {
    const workspace = await world.workspace('never');
    const run = await savedPlan(workspace);
    await lockWorkspace(world.database, world.olga, workspace.id, 'closed', new Date());
    await expect(confirm(run.id)).rejects.toThrowError(refusal('workspace_locked', 'locked by User olga ("closed")'));
    expect(world.status(run.id)).toBe('planned_and_saved');
  });

  test('is the code, where the apply needs one (M5)', async () => {
    const workspace = await world.workspace('applies_only');
    const run = await savedPlan(workspace);
    expect(world.challenge(run.id, 'apply')).toMatchObject({ state: 'awaiting', deadlineAt: null });
    const after = await authenticateRun(world, { runId: run.id, tokenCode: fresh(), by: world.mia });
    expect(after).toMatchObject({ status: 'apply_queued', confirmedBy: world.mia.userId });
    expect(currentRunId(world.database, workspace.id)).toBe(run.id);
  });

  test('without a code waits for one, holding the workspace, until a deadline', async () => {
    const workspace = await world.workspace('applies_only');
    const run = await savedPlan(workspace);
    expect((await confirm(run.id)).status).toBe('awaiting_apply_mfa');
    expect(world.challenge(run.id, 'apply').deadlineAt).not.toBeNull();
    expect((await world.run(workspace)).status).toBe('pending');
  });

  test('by a code spends none while the workspace is held', async () => {
    const workspace = await world.workspace('applies_only');
    const run = await savedPlan(workspace);
    const holder = await world.run(workspace);
    const attempt = authenticateRun(world, { runId: run.id, tokenCode: fresh(), by: world.mia });
    await expect(attempt).rejects.toThrowError(refusal('workspace_locked', holder.id));
    expect(lane.calls).toHaveLength(0);
    expect(world.challenge(run.id, 'apply')).toMatchObject({ state: 'awaiting', attempt: 0, triesLeft: 5 });
  });

  test('of two of one workspace by one code goes to the first', async () => {
    const workspace = await world.workspace('applies_only');
    const [first, second] = [await savedPlan(workspace), await savedPlan(workspace)];
    const outcomes = await authenticateRuns(world, {
      organization: 'acme',
      runIds: [first.id, second.id],
      tokenCode: fresh(),
      by: world.mia,
    });
    expect(outcomes).toMatchObject([
      { runId: first.id, outcome: 'authenticated' },
      { runId: second.id, outcome: 'failed', error: { code: 'workspace_locked' } },
    ]);
    expect(world.status(second.id)).toBe('planned_and_saved');
  });
});

describe('a saved plan whose state is not the planned one any more', () => {
  test('is discarded, with a reason of its own', async () => {
    const workspace = await world.workspace('applies_only');
    await changeState(workspace.id, 1);
    const [saved, other] = [await savedPlan(workspace), await savedPlan(await world.workspace('never'))];
    await changeState(workspace.id, 2);
    expect(requireRun(world.database, saved.id)).toMatchObject({
      status: 'discarded',
      endReason: 'plan_outdated',
      endMessage: expect.stringContaining('Plan again'),
    });
    expect(world.challenge(saved.id, 'apply').state).toBe('withdrawn');
    expect(world.status(other.id)).toBe('planned_and_saved');
    await expect(confirm(saved.id)).rejects.toThrowError(refusal('invalid_transition', 'is discarded'));
  });

  test('is discarded as it is saved, when the state changed while terraform planned', async () => {
    const workspace = await world.workspace('never');
    const run = await world.run(workspace, { savePlan: true });
    const { claimId } = await world.claim(run.id, 'plan');
    await changeState(workspace.id, 1);
    expect((await world.finish(run.id, 'plan', claimId)).endReason).toBe('plan_outdated');
  });

  test('is refused before it was discarded, which happens a moment later', async () => {
    const workspace = await world.workspace('never');
    const run = await savedPlan(workspace);
    await world.relay.settled();
    world.database.run(`update runs set planned_state_version_id = 'sv-before' where id = '${run.id}'`);
    await expect(confirm(run.id)).rejects.toThrowError(refusal('conflict', 'has changed since'));
  });

  test('is not what its own apply makes of the state', async () => {
    const workspace = await world.workspace('never');
    const run = await savedPlan(workspace);
    await confirm(run.id);
    await world.claim(run.id, 'apply');
    await changeState(workspace.id, 1);
    expect(world.status(run.id)).toBe('applying');
  });
});

describe('around it', () => {
  test('a provisional configuration is nobody else’s until its run is confirmed', async () => {
    const workspace = await world.workspace('never');
    const newest = () => findRunnableConfiguration(world.database, workspace.id, undefined)?.id;
    const before = newest();
    const provisional = world.configuration(workspace.id, { provisional: true });
    const run = await world.run(workspace, { savePlan: true, configurationVersionId: provisional });
    await world.work(run.id, 'plan');
    expect(newest()).toBe(before);
    await confirm(run.id);
    expect(newest()).toBe(provisional);
    expect(findConfigurationVersion(world.database, provisional)?.provisional).toBe(false);
  });

  test('a saved plan does not keep its workspace from being deleted; a decided one does', async () => {
    const workspace = await world.workspace('applies_only');
    const run = await savedPlan(workspace);
    await confirm(run.id);
    const remove = () => deleteWorkspace(world.database, world.olga, workspace, { onlyWhenEmpty: false }, new Date());
    await expect(remove()).rejects.toThrowError(refusal('conflict', run.id));
    await discardRun(world, { runId: run.id, comment: '', by: world.mia });
    await savedPlan(workspace);
    await remove();
    expect(await findWorkspace(world.database, workspace.id)).toBeUndefined();
    await world.relay.settled();
  });

  test('it may be discarded, but not canceled, and frees nothing that another run holds', async () => {
    const workspace = await world.workspace('never');
    const saved = await savedPlan(workspace);
    const holder = await world.run(workspace);
    const pending = await world.run(workspace);
    await discardRun(world, { runId: saved.id, comment: '', by: world.mia });
    expect(world.status(saved.id)).toBe('discarded');
    expect([world.status(holder.id), world.status(pending.id)]).toEqual(['plan_queued', 'pending']);
  });
});

async function discardAfterPlan(runId: string): Promise<void> {
  await world.work(runId, 'plan');
  await discardRun(world, { runId, comment: '', by: world.mia });
}
