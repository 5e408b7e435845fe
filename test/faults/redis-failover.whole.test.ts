import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { row } from '../suites/row.ts';
import { type Middle, type RelayedWorld, startRelayedWorld } from './relayed-world.ts';
import { tallyRows } from './tally-rows.ts';

// Another Redis takes the place of the one that there was: a replica that lacks the last writes, and still has what is over.

const area = 'Redis';
let world: RelayedWorld;
beforeAll(async () => {
  world = await startRelayedWorld();
});
afterAll(() => world?.stop());

describe('a replica takes over that lacks the last writes', () => {
  const harm = 'a replica of Redis takes over that lacks the last writes';
  let runs: Middle;
  beforeAll(async () => {
    const replica = await world.redis.replicate();
    runs = await world.inTheMiddle('failover');
    await world.logUntil(runs.applying, 'apply', /line 200\b/);
    await replica.detach();
    // Of both the end of one phase's log is lost, and the whole log of the next.
    world.goOn(runs);
    world.effects.hold(`/${runs.planning.name}/apply`);
    await world.logUntil(runs.planning, 'apply', /line 200\b/);
    replica.takeOver();
    world.effects.release(`/${runs.planning.name}/apply`);
  });
  row({ area, harm, when: 'applying', holds: 'terraform is not disturbed, and its log is whole' }, async () => {
    await waitForRun(world.api, runs.planning.id, ['applied'], 120_000);
    await waitForRun(world.api, runs.applying.id, ['applied'], 120_000);
  });
  row({ area, harm, when: 'parked', holds: 'a code given afterwards works' }, async () => {
    await world.authenticate(runs.parked);
    await waitForRun(world.api, runs.parked.id, ['applied'], 120_000);
  });
  row(
    {
      area,
      harm,
      when: 'after all of it',
      holds: 'jobs and logs that it still has of phases that are over go by themselves',
      timeoutMs: 240_000,
    },
    async () => {
      const left = async () => {
        const logs = (await world.redis.direct().keys('log:*')).filter((key) => /:(plan|apply)$/.test(key));
        const lives = await Promise.all(logs.map((key) => world.redis.direct().ttl(key)));
        return {
          forGood: lives.filter((seconds) => seconds < 0).length,
          active: await world.redis.direct().llen('bull:runs:active'),
        };
      };
      // A job whose worker is gone is found out when its lock has run off.
      await vi.waitFor(async () => expect(await left()).toEqual({ forGood: 0, active: 0 }), {
        timeout: 200_000,
        interval: 1_000,
      });
    },
  );
});

tallyRows('a replica of Redis takes over that lacks the last writes', () => world);
