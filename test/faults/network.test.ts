import { setTimeout as delay } from 'node:timers/promises';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { row } from '../suites/row.ts';
import { isWholeSuite } from '../suites/suite.ts';
import { type CutNetwork, makeCutNetwork, mayMakeNetworks } from './cut-network.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { relayFrom } from './relay-from.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// The line between the workers and the api is cut: silently, so that connections stay half open and only time tells.
// Redis and the world outside stay within reach.

const area = 'Network between worker and api';
if (!mayMakeNetworks) process.stderr.write('NOT TRIED: cutting the network, since only root may make one.\n');

describe.runIf(mayMakeNetworks)('the network between worker and api', () => {
  let world: FaultWorld;
  let network: CutNetwork;
  let sts: Awaited<ReturnType<typeof relayFrom>>;
  beforeAll(async () => {
    network = await makeCutNetwork();
    const { apiHost, restHost, prefix } = network;
    sts = await relayFrom(restHost);
    world = await startFaultWorld({
      host: apiHost,
      effectsHost: restHost,
      workerPrefix: prefix,
      workerEnvironment: { GATEHOUSE_STS_ENDPOINT: sts.url },
    });
    sts.leadTo(Number(new URL(world.stack.dev.stsUrl).port));
  });
  afterAll(async () => {
    await network?.mend();
    await world?.stop();
    await sts?.close();
    await network?.remove();
  });

  type Middle = { planning: FaultRun; uploading: FaultRun; applying: FaultRun; ending: FaultRun };
  async function inTheMiddle(name: string): Promise<Middle> {
    const { effects } = world;
    const paths = [
      `/${name}-planning/plan`,
      `/${name}-uploading/plan`,
      `/${name}-applying/apply`,
      `/${name}-ending/apply`,
    ];
    for (const path of paths) effects.hold(path);
    const planning = await world.queue(`${name}-planning`);
    const uploading = await world.queue(`${name}-uploading`);
    const applying = await world.queue(`${name}-applying`);
    const ending = await world.queue(`${name}-ending`);
    await Promise.all(paths.map((path) => effects.reached(path)));
    return { planning, uploading, applying, ending };
  }

  // Shorter than the lease: nothing is given up, and what was to be uploaded meanwhile is uploaded later.
  for (const direction of ['to the api', 'from the api', 'both'] as const) {
    const isChosen = direction === 'from the api';
    if (!isChosen && !isWholeSuite) continue;
    describe(`cut ${direction}, for less than the lease`, () => {
      const harm = `packets ${direction === 'both' ? 'in both directions' : direction} are lost for less than the lease`;
      let runs: Middle;
      beforeAll(async () => {
        runs = await inTheMiddle(`short-${direction.replaceAll(' ', '-')}`);
        await network.cut(direction);
        world.effects.release(`/${runs.ending.name}/apply`);
        world.effects.release(`/${runs.uploading.name}/plan`);
        await delay(12_000);
        await network.mend();
        world.effects.release(`/${runs.planning.name}/plan`);
        world.effects.release(`/${runs.applying.name}/apply`);
      });
      row({ area, harm, when: 'planning', holds: 'the plan is uploaded and applied', isChosen }, async () => {
        await waitForRun(world.api, runs.planning.id, ['applied'], 90_000);
      });
      row(
        { area, harm, when: 'uploading the plan', holds: 'the plan is uploaded when the line is back', isChosen },
        async () => {
          await waitForRun(world.api, runs.uploading.id, ['applied'], 120_000);
        },
      );
      row({ area, harm, when: 'applying', holds: 'the apply ends well, once', isChosen }, async () => {
        await waitForRun(world.api, runs.applying.id, ['applied'], 90_000);
      });
      row(
        { area, harm, when: 'saving the state', holds: 'the state is stored when the line is back', isChosen },
        async () => {
          await waitForRun(world.api, runs.ending.id, ['applied'], 90_000);
          expect(await resourcesIn(world, runs.ending.workspaceId)).toEqual(['first', 'second']);
        },
      );
    });
  }

  // Without rows a suite is an error.
  const describeWhole = isWholeSuite ? describe : () => undefined;
  describeWhole('cut for longer than the lease', () => {
    const harm = 'the line is cut in both directions for longer than the lease';
    let runs: Middle;
    beforeAll(async () => {
      runs = await inTheMiddle('long');
      await network.cut('both');
      world.effects.release(`/${runs.ending.name}/apply`);
      world.effects.release(`/${runs.uploading.name}/plan`);
      await vi.waitUntil(async () => (await statusOf(runs.planning)) === 'errored', { timeout: 75_000, interval: 500 });
      await network.mend();
    }, 240_000);
    const statusOf = async (run: FaultRun) => (await readRun(world.api, run.id)).attributes['gatehouse-status'];

    row({ area, harm, when: 'planning', holds: 'the run ends as worker_lost and its workspace is free' }, async () => {
      const { attributes } = await waitForRun(world.api, runs.planning.id, ['errored'], 30_000);
      expect(attributes['end-reason']).toBe('worker_lost');
      world.effects.release(`/${runs.planning.name}/plan`);
      const next = await world.queueRun(
        runs.planning.workspaceId,
        { 'main.tf': 'output "one" { value = 1 }' },
        { 'auto-apply': true },
      );
      await waitForRun(world.api, next.id, ['applied', 'planned_and_finished'], 90_000);
    });
    row(
      { area, harm, when: 'applying', holds: 'terraform is killed when the worker hears of it, and not started again' },
      async () => {
        const { attributes } = await waitForRun(world.api, runs.applying.id, ['errored'], 30_000);
        expect(attributes['end-reason']).toBe('worker_lost');
        world.effects.release(`/${runs.applying.name}/apply`);
        expect(world.effects.count(`/${runs.applying.name}/apply`)).toBe(1);
      },
    );
    row(
      { area, harm, when: 'saving the state', holds: 'the state comes in although the run was given up' },
      async () => {
        await vi.waitFor(
          async () => expect(await resourcesIn(world, runs.ending.workspaceId)).toEqual(['first', 'second']),
          { timeout: 60_000, interval: 500 },
        );
      },
    );
  });

  row(
    {
      area,
      harm: 'the cable is taken out and put in again',
      when: 'planning, uploading the plan, applying and saving the state',
      holds: 'every run ends well',
    },
    async () => {
      const { planning, uploading, applying, ending } = await inTheMiddle('cable');
      await network.unplug();
      world.effects.release(`/${ending.name}/apply`);
      world.effects.release(`/${uploading.name}/plan`);
      await delay(8_000);
      await network.mend();
      world.effects.release(`/${planning.name}/plan`);
      world.effects.release(`/${applying.name}/apply`);
      for (const run of [planning, uploading, applying, ending])
        await waitForRun(world.api, run.id, ['applied'], 90_000);
    },
  );

  tallyRows('the line between worker and api is cut in all ways', () => world, true);
});
