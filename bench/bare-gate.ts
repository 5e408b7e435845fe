import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { redisOptions } from '@gatehouse/shared/redis';
import { openSandbox } from '@gatehouse/worker/sandbox/sandbox';
import { type ConnectionOptions, Job, Queue, Worker } from 'bullmq';
import Fastify from 'fastify';
import { startMark } from './start-mark.ts';

// The least that a code could set off: it wakes a parked job, which queues another, which starts terraform in a sandbox.
// `bare-gate.ts REDIS_URL FOLDER TERRAFORM`; `POST /` answers when terraform has started, with the time of that.

const [redisUrl = '', folder = '', terraform = ''] = process.argv.slice(2);
const connection = redisOptions(redisUrl) as ConnectionOptions;
const [gate, runs] = [new Queue('bare-gate', { connection }), new Queue('bare-runs', { connection })];
const started = new Map<string, (atMs: number) => void>();

const workers = [
  new Worker('bare-gate', async ({ id }) => void (await runs.add('run', {}, { jobId: `${id}-run` })), { connection }),
  new Worker('bare-runs', async ({ id = '' }) => startTerraform(id.replace('-run', '')), { connection }),
];
await Promise.all(workers.map((worker) => worker.waitUntilReady()));

async function startTerraform(id: string): Promise<void> {
  const root = await mkdtemp(path.join(folder, 'bare-'));
  const [workDir, stateDir] = [path.join(root, 'work'), path.join(root, 'state')];
  for (const each of [workDir, stateDir]) await mkdir(each);
  await writeFile(path.join(workDir, 'main.tf'), 'output "x" { value = 1 }');
  const toolDirs = [{ host: path.dirname(terraform), inside: '/opt/bare' }];
  const identity = { uid: 31_000, gid: 31_000 };
  const sandbox = await openSandbox({ runLabel: id, mode: 'bubblewrap', identity, workDir, stateDir, toolDirs });
  let said = '';
  const onOutput = (bytes: Uint8Array) => {
    said += Buffer.from(bytes).toString();
    const at = new RegExp(`${startMark} (\\d+)`).exec(said)?.[1];
    if (at !== undefined) started.get(id)?.(Number(at) / 1e6);
  };
  await sandbox.run({ argv: ['/opt/bare/terraform', 'init'], environment: {}, onOutput });
  await sandbox.close();
}

const app = Fastify();
// Parked before, as a run is: what is measured begins with the code.
app.put('/', async () => {
  const id = randomUUID();
  await gate.add('mfa', {}, { jobId: id, delay: 3_600_000 });
  return { id };
});
app.post<{ Params: { id: string } }>('/:id', async ({ params: { id } }) => {
  const startedAt = new Promise<number>((resolve) => started.set(id, resolve));
  await new Job(gate, 'mfa', {}, {}, id).promote();
  return { startedAt: await startedAt };
});
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
