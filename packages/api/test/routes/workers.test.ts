import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPhase } from '../../src/services/claim-phase.ts';
import { type PageWorld, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

const beat = async (id: string, more: object = {}) => {
  const answer = await world.ask({
    method: 'POST',
    url: `/api/worker/v1/workers/${id}/heartbeat`,
    headers: { authorization: `Bearer ${world.config.workerToken.reveal()}` },
    payload: {
      name: 'w-eu-1',
      version: '1.4.0',
      concurrency: 2,
      sandbox: 'bubblewrap',
      draining: false,
      claims: [],
      ...more,
    },
  });
  return JSON.parse(answer.text);
};
const worker = async (who: { get: PageWorld['mia']['get'] }, id: string) =>
  (await who.get('/workers')).list().find((each) => each.id === id)?.attributes;

test('the fleet is shown with what it does, to whom it concerns', async () => {
  await beat('worker-a');
  expect(await worker(world.olga, 'worker-a')).toMatchObject({
    name: 'w-eu-1',
    version: '1.4.0',
    sandbox: 'bubblewrap',
    concurrency: 2,
    state: 'idle',
    'lost-at': null,
    phases: [],
  });
  const workspace = await world.workspace('never');
  const run = await world.run(workspace);
  await claimPhase(world.parts, { runId: run.id, phase: 'plan', workerId: 'worker-a' });
  expect(await worker(world.olga, 'worker-a')).toMatchObject({
    state: 'working',
    phases: [{ 'run-id': run.id, phase: 'plan', organization: 'acme', workspace: workspace.name }],
    'hidden-phases': 0,
  });
  expect(await worker(world.sam, 'worker-a')).toMatchObject({ state: 'working', phases: [], 'hidden-phases': 1 });
  expect((await world.mia.get('/workers')).status).toBe(403);
});

test('one that is silent is said to be, with the time at which it is given up', async () => {
  await beat('worker-b');
  const seenAt = world.clock.now().getTime();
  world.advance(16_000);
  expect(await worker(world.anna, 'worker-b')).toMatchObject({
    state: 'no_sign',
    'lost-at': new Date(seenAt + 30_000).toISOString(),
  });
});

test('a drain is told to the worker with its heartbeat, and can be taken back; both are audited', async () => {
  expect(await beat('worker-c')).toEqual({ stop: [], notes: [] });
  expect((await world.anna.post('/workers/worker-c/actions/drain')).status).toBe(204);
  expect(await beat('worker-c')).toEqual({ stop: [], notes: [], drain: true });
  await beat('worker-c', { draining: true });
  expect(await worker(world.anna, 'worker-c')).toMatchObject({ state: 'draining', 'drain-requested-by': 'anna' });
  expect((await world.anna.post('/workers/worker-c/actions/resume')).status).toBe(204);
  expect(await beat('worker-c')).toEqual({ stop: [], notes: [] });
  const { auditRecords } = await import('../../src/store/schema/identity.ts');
  const actions = world.database
    .select()
    .from(auditRecords)
    .all()
    .map(({ action, actorName }) => `${action} ${actorName}`);
  expect(actions).toEqual(expect.arrayContaining(['worker.drained anna', 'worker.resumed anna']));
});

test('only who operates everything may drain, and only what is there', async () => {
  await beat('worker-d');
  expect((await world.olga.post('/workers/worker-d/actions/drain')).status).toBe(403);
  expect((await world.anna.post('/workers/worker-x/actions/drain')).status).toBe(404);
  expect(await beat('worker-d')).toEqual({ stop: [], notes: [] });
});
