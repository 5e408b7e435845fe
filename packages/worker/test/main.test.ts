import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '@gatehouse/shared/ids';
import { atMostOnceJob, phaseJobId, queues } from '@gatehouse/shared/jobs';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { reportContext, type WorkerReport, workerReport } from '@gatehouse/shared/worker-reports';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { queueConnection } from '../src/lanes/queue-connection.ts';
import { archiveOf, eventually, openRunStand, type RunStand } from './surroundings/run-stand.ts';

const sealingKey = randomBytes(32).toString('base64url');
const sealer = createSealer(new Secret(sealingKey));
let stand: RunStand;
let runs: Queue;
let listener: Worker;
const reports: WorkerReport[] = [];

beforeAll(async () => {
  stand = await openRunStand({}, 20_000, sealer);
  runs = new Queue(queues.runs, { connection: queueConnection(stand.server.url) });
  listener = new Worker(
    queues.workerReports,
    async (job) => {
      reports.push(workerReport.parse(JSON.parse(await sealer.unsealText(job.data.sealed, reportContext))));
    },
    { connection: queueConnection(stand.server.url) },
  );
});
afterAll(async () => {
  await runs.close();
  await listener.close();
  await stand.close();
});

function startMain(more: Record<string, string> = {}): { child: ChildProcess; output: () => string } {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=gatehouse-source', main], {
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: stand.server.url,
      GATEHOUSE_API_URL: stand.api.url,
      GATEHOUSE_WORKER_TOKEN: stand.api.workerToken,
      GATEHOUSE_SEALING_KEY: sealingKey,
      GATEHOUSE_WORK_DIR: stand.workDir,
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

async function startSlowApply(): Promise<string> {
  const runId = newId('run');
  stand.api.run(runId).configuration = await archiveOf({
    'main.tf': `resource "terraform_data" "a" {\n provisioner "local-exec" { command = "echo begun; for i in $(seq 300); do sleep 0.2; done" }\n}`,
  });
  await stand.run(runId, 'plan');
  await stand.offer(runId, 'apply');
  await runs.add('phase', {}, { ...atMostOnceJob, jobId: phaseJobId(runId, 'apply') });
  await eventually(async () => (await stand.log(runId, 'apply')).includes('begun'));
  return runId;
}

const outcomeOf = (runId: string) =>
  reports.flatMap((report) => (report.type === 'phase_finished' && report.runId === runId ? [report.outcome] : []))[0];

test('a worker takes phases, and on SIGTERM interrupts at its drain deadline, reports, and ends', {
  timeout: 60_000,
}, async () => {
  const { child, output } = startMain({ GATEHOUSE_DRAIN_SECONDS: '1' });
  const runId = await startSlowApply();
  expect(stand.api.beats.at(-1)?.body).toMatchObject({ draining: false });
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  await eventually(() => outcomeOf(runId) !== undefined);
  expect(outcomeOf(runId)).toMatchObject({ kind: 'failed', reason: 'worker_stopped' });
  expect(stand.api.run(runId).states.length).toBeGreaterThan(0);
  // The claim is named until the api says that it has the result, which the stand's never does.
  expect(stand.api.beats.at(-1)?.body).toMatchObject({ draining: true, claims: [expect.stringMatching(/^claim-/)] });
  for (const secret of [stand.api.workerToken, sealingKey]) expect(output()).not.toContain(secret);
});

test('a second signal does not wait for the deadline', { timeout: 60_000 }, async () => {
  const { child } = startMain({ GATEHOUSE_DRAIN_SECONDS: '600' });
  const runId = await startSlowApply();
  const exited = once(child, 'exit');
  const before = stand.api.beats.length;
  child.kill('SIGTERM');
  const isDraining = ({ body }: (typeof stand.api.beats)[number]) => body.draining && body.claims.length > 0;
  await eventually(() => stand.api.beats.slice(before).some(isDraining), 20_000);
  child.kill('SIGTERM');
  await exited;
  await eventually(() => outcomeOf(runId) !== undefined);
  expect(outcomeOf(runId)).toMatchObject({ kind: 'failed', reason: 'worker_stopped' });
});

test('a worker that starts removes what a killed one left, in the work folder and the temporary one', {
  timeout: 60_000,
}, async () => {
  const temporary = await mkdtemp(path.join(tmpdir(), 'ghw-tmp-'));
  onTestFinished(() => rm(temporary, { recursive: true, force: true }));
  await chmod(temporary, 0o711);
  const claims = async () => (await readdir(stand.workDir)).filter((name) => name.startsWith('claim-'));
  const killed = startMain({ TMPDIR: temporary });
  await startSlowApply();
  expect(await readdir(temporary)).toEqual([expect.stringMatching(/^gh-\w{6}$/)]);
  expect(await claims()).toHaveLength(1);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');

  const { child, output } = startMain({ TMPDIR: temporary });
  await eventually(() => output().includes('worker ready'));
  expect(await readdir(temporary)).toEqual([]);
  expect(await claims()).toEqual([]);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
});

test('a worker that cannot sandbox says why and takes nothing', async () => {
  const { child, output } = startMain({ GATEHOUSE_PROVIDER_MIRROR: '/there/is/no/such/mirror' });
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(output()).toContain('cannot sandbox them');
  expect(output()).not.toContain('worker ready');
});

test('a worker that is to fetch releases and has no keys for them does not start', async () => {
  const { child, output } = startMain({
    GATEHOUSE_TERRAFORM_RELEASES_URL: 'http://127.0.0.1:9',
    GATEHOUSE_RELEASE_KEYS_FILE: '/there/is/no/such/file',
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(output()).toContain('GATEHOUSE_RELEASE_KEYS_FILE names /there/is/no/such/file, which cannot be read.');
  expect(output()).not.toContain('worker ready');
});

test('without a sandbox it says so loudly', { timeout: 60_000 }, async () => {
  const { child, output } = startMain({ GATEHOUSE_SANDBOX: 'none' });
  await eventually(() => output().includes('worker ready'));
  expect(output()).toContain('WITHOUT A SANDBOX');
  const runId = newId('run');
  stand.api.run(runId).configuration = await archiveOf({ 'main.tf': 'resource "terraform_data" "a" {}' });
  for (const phase of ['plan', 'apply'] as const) {
    await stand.offer(runId, phase);
    await runs.add('phase', {}, { ...atMostOnceJob, jobId: phaseJobId(runId, phase) });
    await eventually(() =>
      reports.some((report) => report.type === 'phase_finished' && report.runId === runId && report.phase === phase),
    );
    expect(await stand.log(runId, phase)).toContain('WITHOUT A SANDBOX');
  }
  expect(JSON.parse(String(stand.api.run(runId).state)).resources).toHaveLength(1);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
});

test('wrong settings end in one sentence', async () => {
  const { child, output } = startMain({ GATEHOUSE_CONCURRENCY: 'many' });
  expect((await once(child, 'exit'))[0]).toBe(1);
  expect(output()).toMatch(/^The worker's settings are wrong\. GATEHOUSE_CONCURRENCY/);
});
