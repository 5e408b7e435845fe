import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { row } from '../suites/row.ts';
import { isWholeSuite } from '../suites/suite.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { makeStandIns, type StandIns } from './stand-in-engines.ts';
import { type StateHarm, stateHarms } from './state-harms.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// A workspace for each harm to its state file: one apply that goes well, and one in whose course the harm is done.

const longestRunMs = 180_000;
const resources = (third: string) => ({
  'main.tf': `
resource "terraform_data" "first" { input = "one" }
resource "terraform_data" "second" { input = terraform_data.first.output }
${third}
`,
});
const before = resources('');
const more = resources('resource "terraform_data" "third" { input = terraform_data.second.output }');

let world: FaultWorld;
let standIns: StandIns;
type Harmed = { workspaceId: string; run: Run };
const harmed = new Map<StateHarm, Promise<Harmed>>();
const tried = stateHarms.filter(({ isChosen }) => isWholeSuite || isChosen);

beforeAll(async () => {
  standIns = await makeStandIns();
  world = await startFaultWorld({ workerEnvironment: { GATEHOUSE_TERRAFORM_DIR: standIns.folder } });
  for (const [index, harm] of tried.entries()) {
    const run = spoil(harm, `state-${index}`);
    // What goes wrong is told by its row.
    run.catch(() => {});
    harmed.set(harm, run);
  }
}, 180_000);
afterAll(() => standIns.remove());

async function spoil({ script, ends }: StateHarm, name: string): Promise<Harmed> {
  const { api } = world;
  const version = await standIns.add('');
  const wishes = { 'mfa-level': 'never', 'auto-apply': true, 'terraform-version': version };
  const workspaceId = await world.workspace(name, wishes);
  const good = await world.queueRun(workspaceId, before);
  await waitForRun(api, good.id, ['applied'], longestRunMs);
  const spoiling = await standIns.add(`if [ "$1" = apply ]; then\n"$real" "$@"; code=$?\n${script}\nexit $code\nfi`);
  await setVersion(workspaceId, spoiling);
  const run = await world.queueRun(workspaceId, more);
  return { workspaceId, run: await waitForRun(api, run.id, [ends.status], longestRunMs) };
}

async function setVersion(workspaceId: string, version: string): Promise<void> {
  const body = { data: { type: 'workspaces', attributes: { 'terraform-version': version } } };
  await world.api.call('PATCH', `/api/v2/workspaces/${workspaceId}`, body);
}

for (const harm of stateHarms) {
  const { name, ends, kept, isChosen = false } = harm;
  const said = { area: 'States', harm: `the state file ${name}`, when: 'apply, as terraform ends with 0', isChosen };
  const holds = `${harm.holds}; the next run applies on it`;
  row({ ...said, holds, timeoutMs: longestRunMs }, async () => {
    const ended = await harmed.get(harm);
    if (ended === undefined) throw new Error('Nobody has begun this run.');
    const { run, workspaceId } = ended;
    expect(run.attributes['end-reason']).toBe(ends.reason);
    if (ends.message !== undefined) expect(run.attributes['end-message']).toMatch(ends.message);
    expect(await resourcesIn(world, workspaceId)).toEqual(expect.arrayContaining(['first', 'second']));
    if (kept !== undefined) {
      const file = path.join(world.stack.workFolder, 'kept-states', `${run.id}.errored.tfstate`);
      expect((await readFile(file)).length).toBeGreaterThan(0);
      await rm(file);
    }
    if (kept === 'on the worker and at the api') expect(await erroredState(run)).toMatch(/"serial"/);
    await setVersion(workspaceId, await standIns.add(''));
    const next = await world.queueRun(workspaceId, resources('output "next" { value = "yes" }'));
    await waitForRun(world.api, next.id, ['applied'], longestRunMs);
  });
}

const applyOf = z.object({
  data: z.object({ relationships: z.object({ apply: z.object({ data: z.object({ id: z.string() }) }) }) }),
});

async function erroredState(run: Run): Promise<string> {
  const { api } = world;
  const { id } = applyOf.parse(await api.call('GET', `/api/v2/runs/${run.id}`)).data.relationships.apply.data;
  const response = await fetch(`${api.url}/api/v2/applies/${id}/errored-state`, {
    headers: { authorization: `Bearer ${api.token}` },
  });
  return response.text();
}

row(
  {
    area: 'States',
    harm: 'states are refused',
    holds: 'a worker keeps those that were refused, and nothing else',
    isChosen: true,
  },
  async () => {
    const folder = path.join(world.stack.workFolder, 'kept-states');
    expect(await readdir(folder).catch(() => [])).toEqual([]);
    // A person has fetched them.
    await rm(folder, { recursive: true, force: true });
  },
);

tallyRows('the state file is spoilt in every way', () => world, true);
