import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChallengeOfPhase } from '../../src/store/challenges.ts';
import { type PageWorld, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

async function planned(level: 'never' | 'applies_only', destroys: number) {
  const workspace = await world.workspace(level);
  const run = await world.run(workspace);
  await world.work(run.id, 'plan', { destroys });
  return { workspace, run };
}
const status = async (id: string) => (await world.mia.get(`/runs/${id}`)).data().attributes['gatehouse-status'];
const refusal = { code: 'confirm_name_required', status: '422' };

test('a person on the page types the name before an apply that destroys; a wrong one changes nothing', async () => {
  const { workspace, run } = await planned('never', 1);
  for (const body of [{}, { 'confirm-name': 'ws' }, { 'confirm-name': workspace.name.toUpperCase() }]) {
    const refused = await world.mia.post(`/runs/${run.id}/actions/apply`, body);
    expect(refused.errors()[0]).toMatchObject({ ...refusal, source: { pointer: '/confirm-name' } });
    expect(refused.errors()[0]?.detail).toContain(workspace.name);
  }
  expect(await status(run.id)).toBe('planned');
  const confirmed = await world.mia.post(`/runs/${run.id}/actions/apply`, { 'confirm-name': workspace.name });
  expect(confirmed.status).toBe(202);
  expect(await status(run.id)).toBe('apply_queued');
});

test('nobody is asked where nothing is destroyed, and no script is asked at all', async () => {
  const harmless = await planned('never', 0);
  expect((await world.mia.post(`/runs/${harmless.run.id}/actions/apply`)).status).toBe(202);
  const harmful = await planned('never', 2);
  const byToken = await world.ask({
    method: 'POST',
    url: `/api/v2/runs/${harmful.run.id}/actions/apply`,
    headers: { authorization: `Bearer ${world.mia.token}` },
  });
  expect(byToken.status).toBe(202);
});

test('a code that would destroy is not taken without the name, and not spent', async () => {
  const { run } = await planned('applies_only', 1);
  const refused = await world.mia.post(`/runs/${run.id}/actions/authenticate`, { 'token-code': '123456' });
  expect(refused.errors()[0]).toMatchObject({ ...refusal, source: { pointer: '/confirm-name' } });
  expect(findChallengeOfPhase(world.database, run.id, 'apply')).toMatchObject({ state: 'awaiting', triesLeft: 5 });
  expect(await world.redis.keys('mfa-code:*')).toEqual([]);
  expect(refused.text).not.toContain('123456');
});

test('in a batch one that destroys fails by itself', async () => {
  const { run } = await planned('applies_only', 1);
  const body = { 'token-code': '123456', 'run-ids': [run.id] };
  const answer = await world.mia.post('/organizations/acme/actions/authenticate', body);
  expect(answer.list()[0]?.attributes).toMatchObject({ outcome: 'failed', error: refusal });
});

test('a destroy run, the deletion of a workspace and a forced cancellation are asked for it', async () => {
  const workspace = await world.workspace('never');
  const body = (name?: string) =>
    world.runBody(workspace.id, { 'is-destroy': true, ...(name ? { 'confirm-name': name } : {}) });
  const refused = await world.mia.post('/runs', body());
  expect(refused.errors()[0]).toMatchObject({ ...refusal, source: { pointer: '/data/attributes/confirm-name' } });
  const run = (await world.mia.post('/runs', body(workspace.name))).data();
  expect(run.attributes).toMatchObject({ 'is-destroy': true, destroys: true });

  const { claimPhase } = await import('../../src/services/claim-phase.ts');
  await claimPhase(world.parts, { runId: run.id, phase: 'plan', workerId: 'worker-1' });
  await world.olga.post(`/runs/${run.id}/actions/cancel`);
  world.advance(60_000);
  const force = (name?: object) => world.olga.post(`/runs/${run.id}/actions/force-cancel`, name);
  expect((await force()).errors()[0]).toMatchObject(refusal);
  expect((await force({ 'confirm-name': workspace.name })).status).toBe(202);

  for (const path of [`/workspaces/${workspace.id}`, `/organizations/acme/workspaces/${workspace.name}`]) {
    expect((await world.olga.delete(path)).errors()[0]).toMatchObject(refusal);
  }
  expect((await world.olga.delete(`/workspaces/${workspace.id}?confirm-name=${workspace.name}`)).status).toBe(204);
});
