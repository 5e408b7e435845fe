import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openPageEvents, pageEventsKey } from '../../src/queue/page-events.ts';
import { type PageWorld, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const stream of open.splice(0)) await stream.close();
});

async function setup(cookie: string, query = '?organization=acme', headers: Record<string, string> = {}) {
  const stream = await world.listen(`/events${query}`, { cookie, ...headers });
  open.push(stream);
  if (stream.status === 200) await stream.until(({ event }) => event === 'heartbeat');
  return stream;
}

const runEvents = (stream: Awaited<ReturnType<typeof setup>>, runId: string) =>
  stream.all.filter(({ data }) => data['run-id'] === runId);

describe('a member', () => {
  test('is told of a new run and of its code, each with what is to be read again', async () => {
    const stream = await setup(world.mia.cookie);
    const workspace = await world.workspace('plans_and_applies');
    const startedAt = performance.now();
    const run = await world.run(workspace);
    const told = await stream.until(({ event, data }) => event === 'challenge.changed' && data['run-id'] === run.id);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(told.data).toMatchObject({
      workspace: workspace.name,
      'workspace-id': workspace.id,
      organization: 'acme',
      'gatehouse-status': 'awaiting_mfa',
      phase: 'plan',
      state: 'awaiting',
      'attempts-left': 5,
    });
    const changed = runEvents(stream, run.id).filter(({ event }) => event === 'run.changed');
    expect(changed.at(-1)?.data).toMatchObject({ status: 'plan_queued', version: run.attributes['version'] });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('connection')).toBe('close');
  });

  test('hears nothing of another organization, nor of workers', async () => {
    const mine = await setup(world.mia.cookie, '');
    const theirs = await setup(world.sam.cookie, '');
    const run = await world.run(await world.workspace('never', { organization: 'other' }));
    await theirs.until(({ data }) => data['run-id'] === run.id);
    await world.parts.pageEvents.publish([{ name: 'worker.changed', organization: null, data: { 'worker-id': 'w' } }]);
    const own = await world.run(await world.workspace('never'));
    await mine.until(({ data }) => data['run-id'] === own.id);
    expect(runEvents(mine, run.id)).toEqual([]);
    expect(mine.all.map(({ event }) => event)).not.toContain('worker.changed');
    expect(theirs.all.filter(({ data }) => data['organization'] === 'acme')).toEqual([]);
  });

  test('is told of settings, locks and variables', async () => {
    const workspace = await world.workspace('never');
    const stream = await setup(world.mia.cookie);
    await world.olga.patch(`/workspaces/${workspace.id}`, { 'mfa-level': 'applies_only' });
    const told = await stream.until(({ event }) => event === 'settings.changed');
    expect(told.data).toEqual({ organization: 'acme', 'workspace-id': workspace.id, workspace: workspace.name });
    const attributes = { key: 'region', value: 'eu-west-1', category: 'terraform' };
    await world.as(world.olga).post('/organizations/acme/vars', attributes);
    await stream.until(({ event, data }) => event === 'settings.changed' && data['workspace-id'] === null);
    expect(JSON.stringify(stream.all)).not.toContain('eu-west-1');
  });

  test('who comes back with the last id is told exactly what was missed', async () => {
    const first = await setup(world.mia.cookie);
    const workspace = await world.workspace('never');
    const run = await world.run(workspace);
    await first.until(({ data }) => data['run-id'] === run.id);
    const last = first.all.findLast(({ id }) => id !== undefined)?.id ?? '';
    await first.close();
    const missed = await world.run(await world.workspace('never'));
    const again = await setup(world.mia.cookie, '?organization=acme', { 'last-event-id': last });
    await again.until(({ data }) => data['run-id'] === missed.id);
    const ids = again.all.flatMap(({ event, id }) => (event === 'heartbeat' ? [] : [id]));
    expect(ids).not.toContain(last);
    expect(new Set(ids).size).toBe(ids.length);
    expect(again.all.map(({ event }) => event)).not.toContain('gap');
  });

  test('who was away for longer than events are kept is told of the gap', async () => {
    const run = await world.run(await world.workspace('never'));
    await world.parts.relay.settled();
    expect(run.id).not.toBe('');
    const stream = await setup(world.mia.cookie, '?organization=acme', { 'last-event-id': '5-0' });
    await stream.until(({ event }) => event === 'gap');
  });

  test('may not listen elsewhere, to the queue, or with a made-up place', async () => {
    expect((await setup(world.mia.cookie, '?organization=other')).status).toBe(404);
    expect((await setup(world.mia.cookie, '?topics=queue')).status).toBe(403);
    expect((await setup('', '')).status).toBe(401);
    expect((await setup(world.mia.cookie, '', { 'last-event-id': 'x' })).status).toBe(422);
  });

  test('who signs out loses the stream at its next heartbeat', async () => {
    const { pageVisitor } = await import('../page-visitor.ts');
    const rita = await pageVisitor(world, 'rita');
    await world.as(world.olga).post('/organizations/acme/organization-memberships', { username: 'rita' });
    const stream = await setup(rita.cookie);
    expect((await rita.delete('/session')).status).toBe(204);
    await stream.ended;
    expect(stream.all.filter(({ event }) => event === 'heartbeat')).toHaveLength(1);
  }, 15_000);
});

test('an operator also hears how the queue stands, and of workers', async () => {
  const stream = await setup(world.anna.cookie, '?topics=queue');
  const sampled = await stream.until(({ event }) => event === 'queue.sampled');
  expect(sampled.data).toMatchObject({
    'awaiting-mfa': expect.any(Number),
    capacity: 0,
    'server-now': expect.any(String),
  });
  const beat = { name: 'w-1', version: '1', concurrency: 3, sandbox: 'none', draining: false, claims: [] };
  const headers = { authorization: `Bearer ${world.config.workerToken.reveal()}` };
  await world.ask({ method: 'POST', url: '/api/worker/v1/workers/worker-x/heartbeat', headers, payload: beat });
  const told = await stream.until(({ event }) => event === 'worker.changed');
  expect(told.data).toEqual({ 'worker-id': 'worker-x' });
});

test('a plan can be fetched when the page is told so', async () => {
  const stream = await setup(world.mia.cookie);
  const run = await world.run(await world.workspace('never'));
  const { claimPhase } = await import('../../src/services/claim-phase.ts');
  const { storePlanJson } = await import('../../src/services/plan-files.ts');
  await claimPhase(world.parts, { runId: run.id, phase: 'plan', workerId: 'worker-1' });
  await storePlanJson(world.parts, {
    runId: run.id,
    bytes: Buffer.from('{"format_version":"1.2","terraform_version":"1.11.4"}'),
  });
  const told = await stream.until(({ event }) => event === 'plan.ready');
  expect(told.data['run-id']).toBe(run.id);
  const plan = await world.mia.get(`/plans/${told.data['plan-id']}/json-output-redacted`);
  expect(JSON.parse(plan.text)).toEqual({
    format_version: '1.2',
    terraform_version: '1.11.4',
    plan_format_version: '1.2',
    provider_format_version: '1.0',
    provider_schemas: {},
  });
});

test('another process of the api tells its pages too, and passes over what is not of our form', async () => {
  const elsewhere = openPageEvents(world.redis, world.config.redisUrl, () => undefined);
  try {
    const heard: string[] = [];
    let wake = () => {};
    elsewhere.subscribe((event) => {
      heard.push(event === 'gap' ? event : event.name);
      wake();
    });
    const hears = async (name: string) => {
      while (!heard.includes(name)) await new Promise<void>((resolve) => (wake = resolve));
    };
    // Where it begins to follow; what came before it cannot have heard.
    await hears('gap');
    const from = await elsewhere.newestId();
    await world.redis.xadd(pageEventsKey, '*', 'e', '{"name":"run.changed"}');
    await world.redis.xadd(pageEventsKey, '*', 'e', 'no json');
    await world.parts.pageEvents.publish([{ name: 'worker.changed', organization: null, data: {} }]);
    await hears('worker.changed');
    expect(heard.filter((name) => name === 'worker.changed')).toHaveLength(1);
    expect((await elsewhere.since(from))?.map(({ name }) => name)).toEqual(['worker.changed']);
  } finally {
    elsewhere.close();
  }
});
