import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { waitForRun } from '@gatehouse/dev/run-client';
import { workerApiPath } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { type FaultRun, type FaultWorld, startFaultWorld } from '../../faults/fault-world.ts';
import { tallyRows } from '../../faults/tally-rows.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite } from '../../suites/suite.ts';

// A worker's token is replaced as docs/operations.md says, and the old one revoked, while a worker that has it works.

const harm = 'the token of workers is replaced and the old one revoked';

let world: FaultWorld;
let old: string;
let held: FaultRun;
let next: FaultRun;
beforeAll(async () => {
  if (!isWholeSuite) return;
  world = await startFaultWorld();
  const { stack, effects } = world;
  old = stack.dev.workerToken;
  const fresh = randomBytes(32).toString('base64url');
  effects.hold('/held/plan');
  held = await world.queue('held');
  await effects.reached('/held/plan');
  await stack.restartApi({ environment: { GATEHOUSE_WORKER_TOKEN: `${fresh},${old}` } });
  await stack.addWorker({ GATEHOUSE_WORKER_TOKEN: fresh });
  await stack.restartApi({ environment: { GATEHOUSE_WORKER_TOKEN: fresh } });
  next = await world.queue('next');
}, 120_000);
afterAll(() => world?.stop());

const area = 'Keys';
row(
  { area, harm, when: 'a run that is queued then', holds: 'a worker with the new one takes it, and it is applied' },
  async () => {
    await waitForRun(world.api, next.id, ['applied'], 90_000);
  },
);
row(
  {
    area,
    harm,
    when: 'a phase in the hands of a worker with the old one',
    holds: 'it ends as worker_lost within a minute, its workspace is free, and the worker says that it was refused',
    timeoutMs: 120_000,
  },
  async () => {
    const ended = await waitForRun(world.api, held.id, ['errored'], 90_000);
    expect(ended.attributes['end-reason']).toBe('worker_lost');
    world.effects.release('/held/plan');
    const again = await world.queueRun(held.workspaceId, { 'main.tf': 'output "free" { value = 1 }' });
    await waitForRun(world.api, again.id, ['applied', 'planned_and_finished'], 60_000);
    expect(world.warnings.join('\n')).toMatch(/401|token/i);
    expect(world.effects.count('/held/apply')).toBe(0);
  },
);
row(
  {
    area,
    harm,
    when: 'the queues, while a worker with the old one goes on',
    holds: 'once it was refused it takes nothing more, and runs need not wait for it',
    timeoutMs: 120_000,
  },
  async () => {
    const [old] = world.stack.services.workers;
    const said = async () =>
      (await readFile(old?.logFile ?? '', 'utf8')).split('refuses the worker token').at(-1) ?? '';
    await vi.waitFor(
      async () => expect(await readFile(old?.logFile ?? '', 'utf8')).toContain('refuses the worker token'),
      30_000,
    );
    for (let count = 1; count <= 6; count++) {
      await waitForRun(world.api, (await world.queue(`later-${count}`)).id, ['applied'], 90_000);
    }
    expect(await said()).not.toContain('a job failed');
  },
);
row({ area, harm, when: 'each route of workers', holds: 'the old one is refused' }, async () => {
  const routes = [
    '/workers/worker-x/heartbeat',
    '/challenges/mfa-x/claim',
    '/aws-checks/awschk-x/claim',
    '/runs/run-x/phases/plan/claim',
  ];
  for (const route of routes) {
    const answer = await fetch(world.stack.dev.url + workerApiPath + route, {
      method: 'POST',
      headers: { authorization: `Bearer ${old}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(401);
  }
});
tallyRows(harm, () => world);
