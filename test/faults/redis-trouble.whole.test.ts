import { setTimeout as delay } from 'node:timers/promises';
import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { row } from '../suites/row.ts';
import { type Middle, type RelayedWorld, startRelayedWorld } from './relayed-world.ts';
import { tallyRows } from './tally-rows.ts';

// A Redis that is there and does not do what it should: slow, full, read-only, cut off.

const area = 'Redis';
/** Long enough for every retry and every lock to be felt. */
const troubleMs = 8_000;

let world: RelayedWorld;
beforeAll(async () => {
  world = await startRelayedWorld();
});
afterAll(() => world?.stop());

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
      const used = Number(/used_memory:(\d+)/.exec(await world.redis.direct().info('memory'))?.[1]);
      await world.redis.direct().config('SET', 'maxmemory', String(used + 64 * 1024));
    },
    end: () => world.redis.direct().config('SET', 'maxmemory', '0'),
  },
  {
    harm: 'Redis answers READONLY for a while',
    begin: () => world.redis.direct().call('REPLICAOF', '127.0.0.1', '1'),
    end: () => world.redis.direct().call('REPLICAOF', 'NO', 'ONE'),
  },
  {
    harm: 'Redis refuses writes for lack of replicas for a while',
    begin: () => world.redis.direct().config('SET', 'min-replicas-to-write', '1'),
    end: () => world.redis.direct().config('SET', 'min-replicas-to-write', '0'),
  },
];

for (const { harm, begin, end } of harms) {
  describe(harm, () => {
    let runs: Middle;
    let loud: { id: string };
    beforeAll(async () => {
      const name = harm.replace(/\W+/g, '-').toLowerCase().slice(0, 40);
      runs = await world.inTheMiddle(name);
      const workspace = await world.workspace(`${name}-loud`, { 'mfa-level': 'never', 'auto-apply': true });
      loud = await world.queueRun(workspace, printing('loud'));
      await waitForRun(world.api, loud.id, ['applying', 'applied']);
      await begin();
      world.goOn(runs);
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
  {
    harm: 'connections to Redis are cut in the middle of commands, again and again',
    each: () => world.redis.relay.cut(),
  },
  {
    harm: 'CLIENT KILL of every client of Redis, again and again',
    each: () =>
      Promise.all(
        ['normal', 'pubsub'].map((type) => world.redis.direct().call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')),
      ),
  },
];
for (const { harm, each } of restless) {
  row(
    { area, harm, when: 'planning, applying and parked', holds: 'every run ends well', timeoutMs: 240_000 },
    async () => {
      const runs = await world.inTheMiddle(`restless-${restless.findIndex((other) => other.harm === harm)}`);
      const until = Date.now() + troubleMs;
      for (let times = 0; Date.now() < until; times++) {
        await each();
        await delay(150);
        if (times === 5) world.goOn(runs);
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
    const runs = await world.inTheMiddle('slow');
    world.redis.relay.slow(500);
    world.goOn(runs);
    for (const run of [runs.planning, runs.applying]) await waitForRun(world.api, run.id, ['applied'], 120_000);
    await world.authenticate(runs.parked);
    await waitForRun(world.api, runs.parked.id, ['applied'], 120_000);
    world.redis.relay.slow(0);
  },
);

tallyRows('trouble with Redis of every kind', () => world);
