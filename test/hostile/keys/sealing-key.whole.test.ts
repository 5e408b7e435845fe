import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitForRun } from '@gatehouse/dev/run-client';
import type { Service } from '@gatehouse/dev/service';
import { afterAll, beforeAll, expect } from 'vitest';
import { type FaultRun, type FaultWorld, startFaultWorld } from '../../faults/fault-world.ts';
import { tallyRows } from '../../faults/tally-rows.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite } from '../../suites/suite.ts';

// The sealing key is replaced in the order of docs/operations.md while Gatehouse is used, and the old one is taken away.

const program = fileURLToPath(new URL('../../../packages/api/src/reseal-main.ts', import.meta.url));
const harm = 'the sealing key is replaced in a rolling restart, all is sealed anew, the old key is taken out';

let world: FaultWorld;
let ended: FaultRun;
let parked: FaultRun;
let waiting: FaultRun;
let running: FaultRun;
let stateBefore: string;
let resealed: string[];
let logUrl: string;

beforeAll(async () => {
  if (!isWholeSuite) return;
  world = await startFaultWorld();
  const { stack, effects, api } = world;
  const keyFile = path.join(stack.dataDirectory, 'secrets', 'sealing-key');
  const old = (await readFile(keyFile, 'utf8')).trim();
  const next = randomBytes(32).toString('base64url');
  let [worker]: readonly (Service | undefined)[] = stack.services.workers;

  async function giveRing(...keys: string[]): Promise<void> {
    await writeFile(keyFile, keys.join(','));
    await stack.restartApi();
  }
  /** The new one first, so that there is always one. */
  async function replaceWorker(): Promise<Service | undefined> {
    const before = worker;
    worker = await stack.addWorker();
    return before;
  }
  const reseal = async () => {
    const environment = {
      GATEHOUSE_DATA_DIR: path.join(stack.dataDirectory, 'api'),
      GATEHOUSE_SEALING_KEY_FILE: keyFile,
      REDIS_URL: stack.dev.redisUrl,
    };
    const parameters = ['--conditions=gatehouse-source', program];
    return (await promisify(execFile)(process.execPath, parameters, { env: environment })).stdout;
  };

  ended = await world.queue('ended');
  await waitForRun(api, ended.id, ['applied']);
  stateBefore = await stateOf(ended);
  parked = await world.queue('parked', { level: 'plans_and_applies' });
  waiting = await world.queue('waiting', { autoApply: false });
  await waitForRun(api, waiting.id, ['planned']);
  logUrl = await logUrlOf(ended);

  await giveRing(old, next);
  await (await replaceWorker())?.stop(60_000);
  effects.hold('/running/apply');
  running = await world.queue('running');
  await effects.reached('/running/apply');

  await giveRing(next, old);
  const holder = await replaceWorker();
  resealed = [await reseal(), await reseal()];
  effects.release('/running/apply');
  await waitForRun(api, running.id, ['applied']);
  await holder?.stop(60_000);

  await giveRing(next);
  await (await replaceWorker())?.stop(60_000);
}, 300_000);
afterAll(() => world?.stop());

async function stateOf(run: FaultRun): Promise<string> {
  const { url, token } = world.stack.dev;
  const headers = { authorization: `Bearer ${token}` };
  const current = await fetch(`${url}/api/v2/workspaces/${run.workspaceId}/current-state-version`, { headers });
  const { data } = (await current.json()) as { data: { id: string } };
  const state = await fetch(`${url}/api/v2/state-versions/${data.id}/download`, { headers });
  expect(state.status).toBe(200);
  return state.text();
}

async function logUrlOf(run: FaultRun): Promise<string> {
  const found = (await world.api.call('GET', `/api/v2/runs/${run.id}`)) as {
    data: { relationships: { plan: { data: { id: string } } } };
  };
  const plan = (await world.api.call('GET', `/api/v2/plans/${found.data.relationships.plan.data.id}`)) as {
    data: { attributes: { 'log-read-url': string } };
  };
  return plan.data.attributes['log-read-url'];
}

const area = 'Keys';
row({ area, harm, when: 'a run that applies', holds: 'it is applied, once, by the worker that has it' }, () => {
  expect(world.effects.count('/running/apply')).toBe(1);
});
row({ area, harm, when: 'a run that waits for its code', holds: 'a code starts it and it is applied' }, async () => {
  await world.authenticate(parked);
  await waitForRun(world.api, parked.id, ['awaiting_mfa']);
  await world.authenticate(parked);
  expect((await waitForRun(world.api, parked.id, ['applied'])).attributes.status).toBe('applied');
});
row(
  { area, harm, when: 'a plan that waits for its decision', holds: 'it is confirmed and applied as planned' },
  async () => {
    await world.api.call('POST', `/api/v2/runs/${waiting.id}/actions/apply`, {});
    expect((await waitForRun(world.api, waiting.id, ['applied'])).attributes.status).toBe('applied');
  },
);
row(
  { area, harm, when: 'afterwards', holds: 'the state is the same byte for byte, and the log is whole' },
  async () => {
    expect(await stateOf(ended)).toBe(stateBefore);
    expect(await world.log(ended, 'apply')).toContain('line 400');
  },
);
row({ area, harm, when: 'while both are known', holds: 'sealing anew is done once, and then finds nothing' }, () => {
  expect(resealed[0]).toMatch(/Sealed anew with the key [0-9a-f]{8}: [1-9]\d* values of the database, [1-9]\d* blobs/);
  expect(resealed[1]).toContain('Nothing stored needs another key.');
});
row(
  {
    area,
    harm,
    when: 'an address of a log that was signed with the old key',
    holds: 'it is refused, and a new one is given',
  },
  async () => {
    expect((await fetch(logUrl)).status).toBe(404);
    expect((await fetch(await logUrlOf(ended))).status).toBe(200);
  },
);
tallyRows(harm, () => world);
