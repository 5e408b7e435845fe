import { queues } from '@gatehouse/shared/jobs';
import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { reconcile } from '../../src/loops/reconcile.ts';
import { bullmqConnection } from '../../src/queue/bullmq-connection.ts';
import { type PageWorld, serial, startPageWorld } from '../page-world.ts';

let world: PageWorld;
let runsQueue: Queue;
beforeEach(async () => {
  world = await startPageWorld();
  runsQueue = new Queue(queues.runs, { connection: bullmqConnection(world.config.redisUrl, 3) });
});
afterEach(async () => {
  await runsQueue.close();
  await world.close();
});

const spread = z.object({
  count: z.number(),
  'p50-seconds': z.number().nullable(),
  'p95-seconds': z.number().nullable(),
});
const attributes = z.looseObject({
  now: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  series: z.array(z.looseObject({ at: z.string(), created: z.number(), states: z.record(z.string(), z.number()) })),
  'ask-to-code': spread,
  'plan-duration': spread,
  'apply-duration': spread,
});
const read = async (who: { get: PageWorld['mia']['get'] }, query = '') => {
  const answer = await who.get(`/queue${query}`);
  expect(answer.status, answer.text).toBe(200);
  return attributes.parse(answer.data().attributes);
};

/** One run from its queueing to its end, a minute for the code, two for the plan. */
async function wholeRun(organization: 'acme' | 'other' = 'acme') {
  const run = await world.run(await world.workspace('plans_and_applies', { organization }));
  world.advance(60_000);
  const { exchange } = { exchange: await exchanging(run.id) };
  expect(exchange).toBe(true);
  await world.accept(run.id, 'plan');
  const { claimPhase } = await import('../../src/services/claim-phase.ts');
  const { recordWorkerReport } = await import('../../src/services/record-worker-report.ts');
  const { claimId } = await claimPhase(world.parts, { runId: run.id, phase: 'plan', workerId: 'worker-1' });
  world.advance(120_000);
  const counts = { resourceAdditions: 0, resourceChanges: 0, resourceDestructions: 0, resourceImports: 0 };
  const outcome = { kind: 'finished', hasChanges: false, ...counts } as const;
  await recordWorkerReport(world.parts, { type: 'phase_finished', runId: run.id, phase: 'plan', claimId, outcome });
  return run;
}

async function exchanging(runId: string): Promise<boolean> {
  const { challenges } = await import('../../src/store/schema/challenges.ts');
  const { eq } = await import('drizzle-orm');
  const set = { state: 'exchanging', exchangeId: 'x', submittedByName: 'mia' } as const;
  return world.database.update(challenges).set(set).where(eq(challenges.runId, runId)).run().changes === 1;
}

describe('the dashboard', () => {
  test('tells how the queue stands and how it went, in each of its ranges', async () => {
    await wholeRun();
    world.advance(2 * 3_600_000);
    const waiting = await world.run(await world.workspace('plans_and_applies'));
    world.advance(10_000);
    const now = world.clock.now().getTime();
    const day = await read(world.olga);
    expect(day.now).toMatchObject({
      'awaiting-mfa': expect.any(Number),
      'oldest-awaiting-mfa-at': expect.any(String),
      running: 0,
    });
    expect(day['ask-to-code']).toEqual({ count: 1, 'p50-seconds': 60, 'p95-seconds': 60 });
    expect(day['plan-duration']).toEqual({ count: 1, 'p50-seconds': 120, 'p95-seconds': 120 });
    expect(day['apply-duration']).toEqual({ count: 0, 'p50-seconds': null, 'p95-seconds': null });
    expect(day.series).toHaveLength(24);
    expect(day.series.reduce((sum, { created }) => sum + created, 0)).toBe(2);
    expect(day.series.map((bucket) => bucket['planned-and-finished']).filter(Boolean)).toEqual([1]);
    expect(day.series.at(-1)?.states).toMatchObject({ 'awaiting-mfa': day.now['awaiting-mfa'] });
    const hour = await read(world.olga, '?hours=1');
    expect(hour.series).toHaveLength(12);
    expect(hour['ask-to-code'].count).toBe(0);
    expect(new Date(hour.series[0]?.at ?? '').getTime()).toBeGreaterThan(now - 3_600_000 - 1);
    expect((await read(world.olga, '?hours=168')).series).toHaveLength(168);
    await world.mia.post(`/runs/${waiting.id}/actions/discard`);
  });

  test('draws, looking back, exactly what was seen at each hour', async () => {
    const seen: number[][] = [];
    const look = async () => {
      const { now } = await read(world.anna);
      seen.push([Number(now['awaiting-mfa']), Number(now['queued']), Number(now['running'])]);
    };
    world.advance(3_600_000 - (world.clock.now().getTime() % 3_600_000) + 1_800_000);
    const open: string[] = [];
    for (let hour = 0; hour < 8; hour++) {
      const level = hour % 3 === 0 ? 'plans_and_applies' : 'never';
      const run = await world.run(await world.workspace(level));
      if (level === 'plans_and_applies') open.push(run.id);
      else if (hour % 2 === 0) await world.work(run.id, 'plan', { hasChanges: hour === 4 });
      if (hour === 6) await world.mia.post(`/runs/${open[0]}/actions/cancel`);
      await look();
      world.advance(3_600_000);
    }
    const { series } = await read(world.anna);
    const drawn = series
      .slice(-9, -1)
      .map(({ states }) => [states['awaiting-mfa'], states['queued'], states['running']]);
    expect(drawn).toEqual(seen);
  });

  test('counts why runs failed, and who is waited for', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    const { expireChallenges } = await import('../../src/loops/expire-challenges.ts');
    const before = await read(world.sam);
    world.advance(3_600_000);
    await expireChallenges(world.parts);
    const kept = await world.run(await world.workspace('plans_and_applies'));
    const answer = await world.olga.get('/queue');
    expect(answer.data().attributes).toMatchObject({
      failures: [{ reason: 'mfa_deadline_passed', sentence: expect.stringContaining('No MFA code'), count: 1 }],
      'waits-by-device': [{ device: { label: '…9012:mfa/ops-alice' }, count: 1 }],
    });
    expect(answer.text).not.toContain(serial);
    expect(before.now['awaiting-mfa']).toBe(0);
    expect((await world.mia.get(`/runs/${run.id}`)).data().attributes['end-reason']).toBe('mfa_deadline_passed');
    await world.mia.post(`/runs/${kept.id}/actions/discard`);
  });

  test('is for operators, each for what is theirs', async () => {
    await wholeRun('other');
    expect((await read(world.sam))['plan-duration'].count).toBe(1);
    expect((await read(world.olga))['plan-duration'].count).toBe(0);
    expect((await read(world.anna))['plan-duration'].count).toBe(1);
    expect((await read(world.anna, '?organization=acme'))['plan-duration'].count).toBe(0);
    expect((await world.mia.get('/queue')).status).toBe(403);
    expect((await world.mia.get('/queue?organization=acme')).status).toBe(403);
    expect((await world.olga.get('/queue?organization=other')).status).toBe(404);
    expect((await world.olga.get('/queue?hours=2')).status).toBe(422);
  });
});

describe('pausing', () => {
  const pause = (who: { post: PageWorld['mia']['post'] }, lane: string) => who.post('/queue/actions/pause', { lane });
  const resume = (who: { post: PageWorld['mia']['post'] }, lane: string) => who.post('/queue/actions/resume', { lane });

  test('phases stops what is handed out; Redis is brought to agree, also after it forgot', async () => {
    expect((await pause(world.anna, 'runs')).status).toBe(204);
    expect((await pause(world.anna, 'runs')).status).toBe(204);
    expect(await runsQueue.isPaused()).toBe(true);
    expect((await world.anna.get('/queue')).data().attributes).toMatchObject({
      paused: { runs: { by: 'anna' }, gate: null },
      'can-operate': true,
    });
    await runsQueue.resume();
    await reconcile(world.parts);
    expect(await runsQueue.isPaused()).toBe(true);
    expect((await resume(world.anna, 'runs')).status).toBe(204);
    await reconcile(world.parts);
    expect(await runsQueue.isPaused()).toBe(false);
  });

  test('codes refuses them before anything is spent, and says who stopped them', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    await pause(world.anna, 'gate');
    const one = await world.mia.post(`/runs/${run.id}/actions/authenticate`, { 'token-code': '123456' });
    expect(one.errors()[0]).toMatchObject({ code: 'paused', status: '409' });
    expect(one.errors()[0]?.detail).toContain('`anna`');
    const body = { 'token-code': '123456', 'run-ids': [run.id] };
    expect((await world.mia.post('/organizations/acme/actions/authenticate', body)).status).toBe(409);
    expect(await world.redis.keys('mfa-code:*')).toEqual([]);
    const { mfa } = (await world.mia.get(`/runs/${run.id}`)).data().attributes;
    expect(mfa).toMatchObject({ state: 'awaiting', 'attempts-left': 5 });
    await resume(world.anna, 'gate');
    expect((await world.anna.get('/queue')).data().attributes['paused']).toEqual({ runs: null, gate: null });
  });

  test('is for site admins where there are several organizations', async () => {
    for (const who of [world.olga, world.mia]) expect((await pause(who, 'runs')).status).toBe(403);
    expect((await world.olga.get('/queue')).data().attributes['can-operate']).toBe(false);
    expect((await pause(world.anna, 'reports')).status).toBe(422);
    expect(await runsQueue.isPaused()).toBe(false);
  });
});
