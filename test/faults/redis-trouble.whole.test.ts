import { setTimeout as delay } from 'node:timers/promises';
import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { row } from '../suites/row.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { type RelayedRedis, startRelayedRedis } from './relayed-redis.ts';
import { tallyRows } from './tally-rows.ts';

// A Redis that is there and does not do what it should: slow, full, read-only, cut off.

const area = 'Redis';
/** Long enough for every retry and every lock to be felt. */
const troubleMs = 8_000;

let redis: RelayedRedis;
let world: FaultWorld;
beforeAll(async () => {
  redis = await startRelayedRedis();
  world = await startFaultWorld({
    apiEnvironment: { REDIS_URL: redis.url },
    workerEnvironment: { REDIS_URL: redis.url },
  });
  // Whoever counts what is left looks into this one.
  world.stack.dev.redisUrl = redis.url;
});
afterAll(async () => {
  await world?.stop();
  await redis?.stop();
});

type Middle = { planning: FaultRun; applying: FaultRun; parked: FaultRun };
async function inTheMiddle(name: string): Promise<Middle> {
  const { effects, queue } = world;
  for (const path of [`/${name}-planning/plan`, `/${name}-applying/apply`]) effects.hold(path);
  const planning = await queue(`${name}-planning`);
  const applying = await queue(`${name}-applying`);
  const parked = await queue(`${name}-parked`, { level: 'applies_only' });
  await Promise.all([effects.reached(`/${name}-planning/plan`), effects.reached(`/${name}-applying/apply`)]);
  await waitForRun(world.api, parked.id, ['awaiting_mfa']);
  return { planning, applying, parked };
}
function goOn({ planning, applying }: Middle): void {
  world.effects.release(`/${planning.name}/plan`);
  world.effects.release(`/${applying.name}/apply`);
}

/** Loud: more than the room that a full Redis has left. */
const printing = (name: string) => ({
  'main.tf': `
resource "terraform_data" "loud" {
  provisioner "local-exec" {
    interpreter = ["bash", "-c"]
    command     = "for n in $(seq 1 ${linesOfLoud}); do echo ${name} line $n ${'x'.repeat(200)}; done"
  }
}
`,
});
const linesOfLoud = 8_000;

const harms: readonly { harm: string; begin: () => Promise<unknown>; end: () => Promise<unknown> }[] = [
  {
    harm: 'Redis is full for a while (maxmemory, noeviction)',
    async begin() {
      const used = Number(/used_memory:(\d+)/.exec(await redis.direct().info('memory'))?.[1]);
      await redis.direct().config('SET', 'maxmemory', String(used + 64 * 1024));
    },
    end: () => redis.direct().config('SET', 'maxmemory', '0'),
  },
  {
    harm: 'Redis answers READONLY for a while',
    begin: () => redis.direct().call('REPLICAOF', '127.0.0.1', '1'),
    end: () => redis.direct().call('REPLICAOF', 'NO', 'ONE'),
  },
  {
    harm: 'Redis refuses writes for lack of replicas for a while',
    begin: () => redis.direct().config('SET', 'min-replicas-to-write', '1'),
    end: () => redis.direct().config('SET', 'min-replicas-to-write', '0'),
  },
];

for (const { harm, begin, end } of harms) {
  describe(harm, () => {
    let runs: Middle;
    let loud: { id: string };
    beforeAll(async () => {
      const name = harm.replace(/\W+/g, '-').toLowerCase().slice(0, 40);
      runs = await inTheMiddle(name);
      const workspace = await world.workspace(`${name}-loud`, { 'mfa-level': 'never', 'auto-apply': true });
      loud = await world.queueRun(workspace, printing('loud'));
      await waitForRun(world.api, loud.id, ['applying', 'applied']);
      await begin();
      goOn(runs);
      await delay(troubleMs);
      await end();
    });
    row({ area, harm, when: 'planning', holds: 'the plan is finished and applied' }, async () => {
      await waitForRun(world.api, runs.planning.id, ['applied'], 120_000);
    });
    row({ area, harm, when: 'applying', holds: 'the apply ends well, once' }, async () => {
      await waitForRun(world.api, runs.applying.id, ['applied'], 120_000);
    });
    row({ area, harm, when: 'parked', holds: 'a code given afterwards works' }, async () => {
      await world.authenticate(runs.parked);
      await waitForRun(world.api, runs.parked.id, ['applied'], 120_000);
    });
    row({ area, harm, when: 'printing much', holds: 'no byte of the log is lost or doubled' }, async () => {
      await waitForRun(world.api, loud.id, ['applied'], 120_000);
      const log = await world.log({ ...loud, attributes: runs.planning.attributes }, 'apply');
      const lines = [...log.matchAll(/loud line (\d+) x{200}$/gm)].map((match) => Number(match[1]));
      expect(lines).toEqual(Array.from({ length: linesOfLoud }, (_, index) => index + 1));
    });
    row({ area, harm, holds: 'a later run works as before' }, async () => {
      const later = await world.queue(`later-${harms.findIndex((each) => each.harm === harm)}`);
      await waitForRun(world.api, later.id, ['applied'], 120_000);
    });
  });
}

const restless: readonly { harm: string; each: () => unknown }[] = [
  { harm: 'connections to Redis are cut in the middle of commands, again and again', each: () => redis.relay.cut() },
  {
    harm: 'CLIENT KILL of every client of Redis, again and again',
    each: () =>
      Promise.all(
        ['normal', 'pubsub'].map((type) => redis.direct().call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')),
      ),
  },
];
for (const { harm, each } of restless) {
  row(
    { area, harm, when: 'planning, applying and parked', holds: 'every run ends well', timeoutMs: 240_000 },
    async () => {
      const runs = await inTheMiddle(`restless-${restless.findIndex((other) => other.harm === harm)}`);
      const until = Date.now() + troubleMs;
      for (let times = 0; Date.now() < until; times++) {
        await each();
        await delay(150);
        if (times === 5) goOn(runs);
      }
      for (const run of [runs.planning, runs.applying]) await waitForRun(world.api, run.id, ['applied'], 120_000);
      await world.authenticate(runs.parked);
      await waitForRun(world.api, runs.parked.id, ['applied'], 120_000);
    },
  );
}

row(
  {
    area,
    harm: 'Redis is slow: half a second in either direction',
    when: 'planning, applying and parked',
    holds: 'every run ends well, and a code works',
    timeoutMs: 300_000,
  },
  async () => {
    const runs = await inTheMiddle('slow');
    redis.relay.slow(500);
    goOn(runs);
    for (const run of [runs.planning, runs.applying]) await waitForRun(world.api, run.id, ['applied'], 120_000);
    await world.authenticate(runs.parked);
    await waitForRun(world.api, runs.parked.id, ['applied'], 120_000);
    redis.relay.slow(0);
  },
);

tallyRows('trouble with Redis of every kind', () => world);
