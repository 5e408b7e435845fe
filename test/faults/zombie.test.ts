import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { row } from '../suites/row.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// A worker that sleeps in the middle of an apply, is given up, and wakes up again.

const area = 'Processes: a worker that comes back';
const harm = 'SIGSTOP of the worker until its phase is given up, then SIGCONT';
const when = 'applying';

let world: FaultWorld;
let run: FaultRun;
let stateWhenGivenUp: string[];
let nextStatus: string;

beforeAll(async () => {
  world = await startFaultWorld();
  const { api, effects, stack } = world;
  effects.hold('/zombie/apply');
  run = await world.queue('zombie');
  await effects.reached('/zombie/apply');
  await untilStateHolds('first');
  const [sleeper] = stack.services.workers;
  if (sleeper === undefined) throw new Error('There is no worker.');
  await stack.addWorker();
  process.kill(sleeper.pid, 'SIGSTOP');
  try {
    await waitForRun(api, run.id, ['errored'], 90_000);
    stateWhenGivenUp = await resourcesIn(world, run.workspaceId);
    const next = await world.queueRun(run.workspaceId, { 'main.tf': 'resource "terraform_data" "next" {}' });
    nextStatus = (await waitForRun(api, next.id, ['planned', 'applied'])).attributes.status;
    if (nextStatus === 'planned') await api.call('POST', `/api/v2/runs/${next.id}/actions/apply`, {});
    nextStatus = (await waitForRun(api, next.id, ['applied'])).attributes.status;
    // Its way out leads through the worker: as that wakes up, terraform has its answer at once, and finishes.
    effects.release('/zombie/apply');
  } finally {
    process.kill(sleeper.pid, 'SIGCONT');
  }
  // It ends when it has done all that it still wanted to do.
  await sleeper.stop(60_000);
}, 240_000);
afterAll(() => world?.stop());

row(
  { area, harm, when, holds: 'the phase ends as worker_lost; the state that was stored is kept', isChosen: true },
  async () => {
    const { attributes } = await readRun(world.api, run.id);
    expect([attributes.status, attributes['end-reason']]).toEqual(['errored', 'worker_lost']);
    expect(stateWhenGivenUp).toEqual(['first']);
  },
);

row({ area, harm, when, holds: 'the next run of the workspace goes on meanwhile', isChosen: true }, () => {
  expect(nextStatus).toBe('applied');
});

row({ area, harm, when, holds: 'its late state changes nothing', isChosen: true }, async () => {
  expect(await resourcesIn(world, run.workspaceId)).toEqual(['next']);
});

row({ area, harm, when, holds: 'its late lines are not in the log', isChosen: true }, async () => {
  expect(await world.log(run, 'apply')).not.toMatch(/line 201\b|Apply complete/);
});

tallyRows(harm, () => world, true);

async function untilStateHolds(resource: string): Promise<void> {
  await vi.waitFor(async () => expect(await resourcesIn(world, run.workspaceId)).toContain(resource), {
    timeout: 30_000,
    interval: 100,
  });
}
