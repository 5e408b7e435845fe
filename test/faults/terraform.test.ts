import { readdir, readFile } from 'node:fs/promises';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect } from 'vitest';
import { row } from '../suites/row.ts';
import { isWholeSuite } from '../suites/suite.ts';
import { type EngineHarm, engineHarms } from './engine-harms.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { largestMemoryOf, makeStandIns, type StandIns } from './stand-in-engines.ts';
import { tallyRows } from './tally-rows.ts';

// One run for each way in which terraform misbehaves, all at once on one worker.

const configuration = {
  'main.tf': `
resource "terraform_data" "first" { input = "one" }
resource "terraform_data" "second" { input = terraform_data.first.output }
`,
};
/** Of one phase; small, so that what is cut comes soon. */
const logLimitBytes = 8 * 1024 * 1024;
const phaseTimeoutSeconds = 120;
const longestRunMs = 300_000;
const printedBytes = 2 * 1024 ** 3;
/** What each process may grow by over all of this: a part of the 2 GB that one run prints. */
const longestGrowth = 384 * 1024 * 1024;

let world: FaultWorld;
let sizesBefore: number[];
let standIns: StandIns;

type Ended = { run: Run; workspaceId: string };
const running = new Map<EngineHarm, Promise<Ended>>();
const tried = engineHarms.filter(({ isChosen }) => isWholeSuite || isChosen);

beforeAll(async () => {
  standIns = await makeStandIns();
  world = await startFaultWorld({
    apiEnvironment: {
      GATEHOUSE_LOG_LIMIT_BYTES: String(logLimitBytes),
      GATEHOUSE_PHASE_TIMEOUT_SECONDS: String(phaseTimeoutSeconds),
    },
    workerEnvironment: {
      GATEHOUSE_TERRAFORM_DIR: standIns.folder,
      GATEHOUSE_CANCEL_GRACE_SECONDS: '3',
    },
  });
  sizesBefore = await sizes();
  for (const harm of tried) {
    const ended = go(harm);
    // What goes wrong is told by its row.
    ended.catch(() => {});
    running.set(harm, ended);
  }
}, 240_000);
afterAll(() => standIns.remove());

/** A run in a new workspace with this version. */
async function start(name: string, version: string, attributes: Record<string, unknown> = {}): Promise<Ended> {
  const wishes = { 'mfa-level': 'never', 'auto-apply': true, 'terraform-version': version, ...attributes };
  const workspaceId = await world.workspace(name, wishes);
  return { workspaceId, run: await world.queueRun(workspaceId, configuration) };
}

async function go({ name, script, cancelAt, isStructured, ends }: EngineHarm): Promise<Ended> {
  const { api } = world;
  const workspace = `${name.replaceAll(/\W+/g, '-').slice(0, 60)}-${++named}`;
  const started = await start(workspace, await standIns.add(script), {
    'structured-run-output-enabled': isStructured === true,
  });
  const { run, workspaceId } = started;
  if (cancelAt !== undefined) {
    await world.logUntil(run, cancelAt.phase, cancelAt.pattern);
    await api.call('POST', `/api/v2/runs/${run.id}/actions/cancel`, {});
  }
  return { workspaceId, run: await waitForRun(api, run.id, [ends.status], longestRunMs) };
}
let named = 0;

/** A next run begins at once, which one that asks for no known version tells soonest. */
async function isFree(workspaceId: string): Promise<void> {
  const body = { data: { type: 'workspaces', attributes: { 'terraform-version': '0.0.1' } } };
  await world.api.call('PATCH', `/api/v2/workspaces/${workspaceId}`, body);
  const next = await world.queueRun(workspaceId, configuration);
  const ended = await waitForRun(world.api, next.id, ['errored'], longestRunMs);
  expect(ended.attributes['end-reason']).toBe('terraform_unavailable');
}

for (const harm of engineHarms) {
  const { name, when, isChosen = false, ends, log } = harm;
  const holds = `${harm.holds}; the workspace is free`;
  const said = { area: 'Terraform', harm: `terraform ${name}`, holds, isChosen, timeoutMs: longestRunMs };
  row({ ...said, ...(when === undefined ? {} : { when }) }, async () => {
    const ended = await running.get(harm);
    if (ended === undefined) throw new Error('Nobody has begun this run.');
    const { attributes } = ended.run;
    expect(attributes['end-reason']).toBe(ends.reason);
    if (ends.message !== undefined) expect(attributes['end-message']).toMatch(ends.message);
    if (log !== undefined) {
      const text = await world.log(ended.run, log.phase);
      for (const pattern of log.holds) expect(text).toMatch(pattern);
      for (const pattern of log.lacks ?? []) expect(text.slice(1, -1)).not.toMatch(pattern);
    }
    await isFree(ended.workspaceId);
  });
}

row(
  {
    area: 'Terraform',
    harm: 'terraform leaves processes of their own session, forked twice, that go on calling',
    when: 'plan and apply',
    holds: 'none is alive when the run has ended, and the world outside hears no more of them',
    isChosen: true,
  },
  async () => {
    const { port } = world.effects;
    const beat = `while :; do exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET /left/beat HTTP/1.0\\r\\n\\r\\n' >&3; exec 3>&-; sleep 0.1; done`;
    const version = await standIns.add(
      `setsid bash -c "${beat.replaceAll('\\', '\\\\')}" & ( setsid sleep 31337 & ) & disown -a`,
    );
    const { run } = await start('left', version);
    await world.effects.reached('/left/beat', 2);
    await waitForRun(world.api, run.id, ['applied'], longestRunMs);
    expect(await commandsOf(world.sandboxUid)).not.toContain('31337');
    const heard = world.effects.count('/left/beat');
    const next = await world.queue('after-left');
    await waitForRun(world.api, next.id, ['applied'], longestRunMs);
    expect(world.effects.count('/left/beat')).toBe(heard);
  },
);

row(
  {
    area: 'Terraform',
    harm: 'terraform prints 2 GB',
    when: 'plan',
    holds:
      'the log is cut and says so, the run is applied, and neither worker nor api nor Redis grows by more than some logs',
    timeoutMs: longestRunMs,
  },
  async () => {
    const version = await standIns.add(`[ "$1" = plan ] && yes "$(printf 'line %095d' 7)" | head -c ${printedBytes}`);
    const { run } = await start('two-gigabytes', version);
    await waitForRun(world.api, run.id, ['applied'], longestRunMs);
    expect(await world.log(run, 'plan')).toMatch(/log cut here after 8 MiB/);
    for (const [index, size] of (await sizes()).entries()) {
      expect(size - (sizesBefore[index] ?? 0)).toBeLessThan(longestGrowth);
    }
  },
);

/** Of worker, api and Redis. */
function sizes(): Promise<number[]> {
  const { workers, api, redis } = world.stack.services;
  return Promise.all([...workers, api, redis].map(({ pid }) => largestMemoryOf(pid)));
}

async function commandsOf(uid: number): Promise<string> {
  const commands: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (!new RegExp(`^Uid:.*\\b${uid}\\b`, 'm').test(status)) continue;
    commands.push((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '));
  }
  return commands.join('\n');
}

tallyRows('terraform misbehaves in every way', () => world, true);
