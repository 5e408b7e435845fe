import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { row } from '../suites/row.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// The clocks of the api and of the worker are set while runs go on. Those of Redis and STS stay right.

const area = 'Clocks';
const minute = 60_000;
const hour = 60 * minute;
/** Every sweep that could take a jump for a long silence looks meanwhile. */
const settleMs = 12_000;

let world: FaultWorld;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gh-clock-'));
  const shifted = (who: string) => ({
    NODE_OPTIONS: `--import ${new URL('shifted-clock.ts', import.meta.url).href}`,
    GATEHOUSE_TEST_CLOCK: path.join(folder, who),
  });
  await set({ api: 0, worker: 0 });
  world = await startFaultWorld({ apiEnvironment: shifted('api'), workerEnvironment: shifted('worker') });
});
afterAll(async () => {
  await world?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function set(offsets: Offsets): Promise<void> {
  for (const [who, offsetMs] of Object.entries(offsets)) {
    const file = path.join(folder, who);
    await writeFile(`${file}.new`, String(offsetMs));
    await rename(`${file}.new`, file);
  }
  await delay(200);
}

type Offsets = { api: number; worker: number };
type Middle = { planning: FaultRun; applying: FaultRun; parked: FaultRun };
async function inTheMiddle(name: string): Promise<Middle> {
  const { effects, queue } = world;
  for (const held of [`/${name}-planning/plan`, `/${name}-applying/apply`]) effects.hold(held);
  const planning = await queue(`${name}-planning`);
  const applying = await queue(`${name}-applying`);
  const parked = await queue(`${name}-parked`, { level: 'plans_and_applies' });
  await Promise.all([effects.reached(`/${name}-planning/plan`), effects.reached(`/${name}-applying/apply`)]);
  return { planning, applying, parked };
}
function goOn({ planning, applying }: Middle): void {
  world.effects.release(`/${planning.name}/plan`);
  world.effects.release(`/${applying.name}/apply`);
}
const stateOf = async (run: FaultRun) => (await readRun(world.api, run.id)).attributes;

describe('a worker is lost while the clock of the api is put back', () => {
  const harm = "the api's clock is put back an hour, and then a worker is stopped";
  row(
    { area, harm, when: 'planning', holds: 'the run ends as worker_lost within a minute', timeoutMs: 200_000 },
    async () => {
      const second = await world.stack.addWorker({ GATEHOUSE_CONCURRENCY: '12' });
      const [first] = world.stack.services.workers;
      if (first === undefined) throw new Error('There is no worker.');
      world.effects.hold('/lost/plan');
      process.kill(first.pid, 'SIGSTOP');
      const lost = await world.queue('lost', { autoApply: false });
      await world.effects.reached('/lost/plan');
      process.kill(first.pid, 'SIGCONT');
      await set({ api: -hour, worker: 0 });
      process.kill(second.pid, 'SIGSTOP');
      const { attributes } = await waitForRun(world.api, lost.id, ['errored'], 90_000);
      expect(attributes['end-reason']).toBe('worker_lost');
      world.effects.release('/lost/plan');
      process.kill(second.pid, 'SIGCONT');
      await set({ api: 0, worker: 0 });
    },
  );
});

const jumps: readonly { harm: string; name: string; to: Offsets; parked: 'ends' | 'waits' | 'is refused' }[] = [
  { harm: "the api's clock jumps an hour ahead", name: 'api-ahead', to: { api: hour, worker: 0 }, parked: 'ends' },
  { harm: "the api's clock is put back an hour", name: 'api-back', to: { api: -hour, worker: 0 }, parked: 'waits' },
  {
    harm: "the worker's clock is put back an hour",
    name: 'worker-back',
    to: { api: 0, worker: -hour },
    parked: 'is refused',
  },
  {
    harm: "the worker's clock is ten minutes ahead, and the api's ten minutes behind",
    name: 'apart',
    to: { api: -10 * minute, worker: 10 * minute },
    parked: 'waits',
  },
  {
    harm: "the worker's clock is ten minutes behind, and the api's ten minutes ahead",
    name: 'apart-too',
    to: { api: 10 * minute, worker: -10 * minute },
    parked: 'waits',
  },
];

for (const { harm, name, to, parked } of jumps) {
  describe(harm, () => {
    let runs: Middle;
    let later: FaultRun;
    beforeAll(async () => {
      runs = await inTheMiddle(name);
      await set(to);
      await delay(settleMs);
      goOn(runs);
      later = await world.queue(`${name}-later`);
    });
    row({ area, harm, when: 'planning', holds: 'the run is not given up, and ends well' }, async () => {
      await waitForRun(world.api, runs.planning.id, ['applied'], 60_000);
    });
    row({ area, harm, when: 'applying', holds: 'the apply ends well, and its state is stored' }, async () => {
      await waitForRun(world.api, runs.applying.id, ['applied'], 60_000);
      expect(await resourcesIn(world, runs.applying.workspaceId)).toEqual(['first', 'second']);
    });
    row(
      { area, harm, when: 'queued afterwards', holds: 'the run is planned and applied, under an id of its own' },
      async () => {
        await waitForRun(world.api, later.id, ['applied'], 60_000);
        expect(new Set([later.id, runs.planning.id, runs.applying.id, runs.parked.id]).size).toBe(4);
      },
    );
    const holds = {
      ends: 'the deadline is over by that clock: the run ends for that reason',
      waits: 'the run goes on waiting, and a code works',
      'is refused':
        'AWS takes nothing from such a clock: a code costs no try, and the next works when the clock is right',
    }[parked];
    row({ area, harm, when: 'parked', holds, timeoutMs: 200_000 }, async () => {
      if (parked === 'ends') {
        const { attributes } = await waitForRun(
          world.api,
          runs.parked.id,
          ['errored', 'canceled', 'discarded'],
          60_000,
        );
        expect(attributes['end-reason']).toBe('mfa_deadline_passed');
      } else {
        expect((await stateOf(runs.parked))['gatehouse-status']).toBe('awaiting_mfa');
        if (parked === 'is refused') {
          await expect(world.authenticate(runs.parked)).rejects.toThrow(/5 tries are left/);
          await set({ api: 0, worker: 0 });
        }
        await world.authenticate(runs.parked);
        await waitForRun(world.api, runs.parked.id, ['planned', 'awaiting_mfa'], 60_000);
      }
      await set({ api: 0, worker: 0 });
    });
  });
}

row(
  {
    area,
    harm: "the api's clock jumps a day ahead, and is put right later",
    when: 'saving the state',
    holds: 'the worker keeps the state, whatever the api says, until it is taken',
    timeoutMs: 200_000,
  },
  async () => {
    const { planning, applying } = await inTheMiddle('day');
    await set({ api: 24 * hour, worker: 0 });
    await delay(settleMs);
    world.effects.release(`/${applying.name}/apply`);
    await vi.waitUntil(async () => (await stateOf(applying))['gatehouse-status'] !== 'applying', {
      timeout: 60_000,
      interval: 300,
    });
    await set({ api: 0, worker: 0 });
    world.effects.release(`/${planning.name}/plan`);
    await vi.waitFor(async () => expect(await resourcesIn(world, applying.workspaceId)).toEqual(['first', 'second']), {
      timeout: 40_000,
      interval: 500,
    });
    await waitForRun(world.api, planning.id, ['applied'], 60_000);
  },
);

tallyRows('clocks are set in all ways', () => world);
