import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { queues } from '@gatehouse/shared/jobs';
import { connectRedis } from '@gatehouse/shared/redis';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { row } from '../suites/row.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { tallyRows } from './tally-rows.ts';

// Redis is killed and comes back with nothing, with a run in every step. Redis is a pipe and not the record: the store
// has the runs, workers have their phases and what they have not yet brought home.

const harm = 'SIGKILL of Redis, which comes back without its data';
const area = 'Redis';

let world: FaultWorld;
const runs = {} as Record<Step, FaultRun>;
type Step = 'parked' | 'exchanging' | 'planning' | 'waiting' | 'confirming' | 'applying' | 'reporting';
let exchanging: Promise<unknown>;

beforeAll(async () => {
  world = await startFaultWorld();
  const { api, effects, queue, stack } = world;
  for (const held of ['/planning/plan', '/applying/apply', '/reporting/plan']) effects.hold(held);
  runs.parked = await queue('parked', { level: 'plans_and_applies' });
  runs.exchanging = await queue('exchanging', { level: 'plans_and_applies' });
  runs.waiting = await queue('waiting', { level: 'applies_only', autoApply: false });
  runs.confirming = await queue('confirming', { level: 'applies_only' });
  runs.planning = await queue('planning');
  runs.applying = await queue('applying');
  runs.reporting = await queue('reporting', { autoApply: false });
  await waitForRun(api, runs.waiting.id, ['planned']);
  await waitForRun(api, runs.confirming.id, ['awaiting_mfa']);
  await Promise.all([effects.reached('/planning/plan'), effects.reached('/applying/apply')]);
  await world.logUntil(runs.applying, 'apply', /line 200\b/);

  // The report of a plan lies in Redis, and nobody has read it yet.
  await effects.reached('/reporting/plan');
  const unreadReports = await pauseReports();
  effects.release('/reporting/plan');
  await vi.waitUntil(async () => (await unreadReports()) === 1, { timeout: 60_000, interval: 100 });

  // STS does not answer, so that a code is on its way.
  process.kill(stack.services.emulator.pid, 'SIGSTOP');
  exchanging = api.request('POST', `/api/v2/runs/${runs.exchanging.id}/actions/authenticate`, {
    'token-code': '123456',
  });
  await vi.waitUntil(async () => (await mfaState(runs.exchanging)) === 'exchanging', { timeout: 20_000, interval: 50 });
  await stack.restartRedis({
    isKilled: true,
    meanwhile: () => rm(path.join(stack.dataDirectory, 'redis'), { recursive: true, force: true }),
  });
  process.kill(stack.services.emulator.pid, 'SIGCONT');
  for (const held of ['/planning/plan', '/applying/apply']) effects.release(held);
});
afterAll(() => world?.stop());

/** As BullMQ pauses a queue: its consumers take nothing until Redis forgets it. */
async function pauseReports(): Promise<() => Promise<number>> {
  const redis = connectRedis(world.stack.dev.redisUrl, { name: 'test', onError: () => undefined });
  const key = (part: string) => `bull:${queues.workerReports}:${part}`;
  await redis.hset(key('meta'), 'paused', '1');
  return async () => {
    const count = (await redis.llen(key('wait'))) + (await redis.llen(key('paused')));
    if (count > 0) redis.disconnect();
    return count;
  };
}

async function mfaState(run: FaultRun): Promise<string | undefined> {
  return (await readRun(world.api, run.id)).attributes.mfa?.state;
}

row({ area, harm, when: 'parked before a plan', holds: 'a code given afterwards works', isChosen: true }, async () => {
  await world.authenticate(runs.parked);
  await waitForRun(world.api, runs.parked.id, ['planned', 'awaiting_mfa']);
});

row(
  {
    area,
    harm,
    when: 'exchanging a code',
    holds: 'the person is asked again, and the next code works',
    isChosen: true,
  },
  async () => {
    await exchanging;
    await expect.poll(() => mfaState(runs.exchanging), { timeout: 90_000 }).toBe('awaiting');
    await world.authenticate(runs.exchanging);
    await waitForRun(world.api, runs.exchanging.id, ['planned', 'awaiting_mfa']);
  },
);

row({ area, harm, when: 'planning', holds: 'the plan is finished and applied', isChosen: true }, async () => {
  await waitForRun(world.api, runs.planning.id, ['applied'], 120_000);
});

row(
  { area, harm, when: 'waiting for a confirmation', holds: 'a code confirms and the apply works', isChosen: true },
  async () => {
    await waitForRun(world.api, (await world.authenticate(runs.waiting)).id, ['applied'], 120_000);
  },
);

row(
  { area, harm, when: 'parked before an apply', holds: 'a code given afterwards works', isChosen: true },
  async () => {
    await waitForRun(world.api, (await world.authenticate(runs.confirming)).id, ['applied'], 120_000);
  },
);

row({ area, harm, when: 'applying', holds: 'the apply goes on to its end, once', isChosen: true }, async () => {
  await waitForRun(world.api, runs.applying.id, ['applied'], 120_000);
  expect(world.effects.count('/applying/apply')).toBe(1);
});

row(
  { area, harm, when: 'a report that nobody had read', holds: 'the worker reports again', isChosen: true },
  async () => {
    await waitForRun(world.api, runs.reporting.id, ['planned'], 120_000);
  },
);

row({ area, harm, holds: 'jobs of phases are taken again as before', isChosen: true }, async () => {
  const later = await world.queue('later');
  await waitForRun(world.api, later.id, ['applied'], 120_000);
});

tallyRows(harm, () => world, true);
