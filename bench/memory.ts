import { readdirSync, readFileSync } from 'node:fs';
import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { openLogReaders } from './log-readers.ts';
import type { Measurement } from './measurement.ts';
import { startOwnProgram } from './own-program.ts';
import { readerTokens } from './reader-tokens.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';

const phases = 8;
const readers = 2_000;
const sleeps = 'resource "terraform_data" "one" {\n  provisioner "local-exec" { command = "sleep 60" }\n}';

/** What the processes hold, their shared pages divided among those that share them (proportional set size, proc(5)). */
export async function memory(): Promise<Measurement> {
  const surroundings = await openSurroundings({ workerEnvironment: { GATEHOUSE_CONCURRENCY: String(phases) } });
  try {
    const { services, dev } = surroundings.stack;
    const [worker] = services.workers;
    if (worker === undefined) throw new Error('There is no worker.');
    const idle = { api: heldBy(pidOf(services.api)), worker: heldBy(pidOf(worker)) };
    const bare = {
      api: await heldByProgram('bare-api.ts'),
      worker: await heldByProgram('bare-worker.ts', dev.redisUrl),
    };
    const running = await startPhases(surroundings);
    const inWorker = (heldBy(pidOf(worker)) - idle.worker) / phases;
    const below = descendants(pidOf(worker));
    const terraform = below.filter((pid) => nameOf(pid) === 'terraform');
    const sum = (pids: readonly number[]) => pids.reduce((total, pid) => total + heldBy(pid), 0) / phases;
    const perReader = await heldByReaders(surroundings, running);
    const table = {
      title: 'Memory',
      columns: ['what', 'holds', 'beside, in the same run'],
      rows: [
        ['api, idle', mebibytes(idle.api), `an empty Fastify: ${mebibytes(bare.api)}`],
        ['worker, idle', mebibytes(idle.worker), `an empty BullMQ worker: ${mebibytes(bare.worker)}`],
        [
          `a running phase (an apply that sleeps, ${phases} at the same time), in the worker`,
          mebibytes(inWorker),
          `terraform itself: ${mebibytes(sum(terraform))}`,
        ],
        [
          "a running phase, in its sandbox's other processes",
          mebibytes(sum(below.filter((pid) => !terraform.includes(pid)))),
          '',
        ],
        [
          `a reader of a log (of ${readers.toLocaleString('en')}, of an apply that runs), in the api`,
          kibibytes(perReader.ours),
          `in a bare relay: ${kibibytes(perReader.bare)}`,
        ],
      ],
    };
    return { rows: [], tables: [table] };
  } finally {
    await surroundings.close();
  }
}

/** Answers with the id of the last one's run. */
async function startPhases({ api, workspace }: Surroundings): Promise<string> {
  let runId = '';
  for (let place = 0; place < phases; place++) {
    const { id, version } = await workspace(`sleeps-${place}`, { 'mfa-level': 'never', 'auto-apply': true }, sleeps);
    const run = await createRun(api, id, version);
    await waitForRun(api, run.id, ['applying']);
    runId = run.id;
  }
  return runId;
}

/** What a process holds more with each reader that it serves. */
async function heldByReaders({ api, stack }: Surroundings, runId: string): Promise<{ ours: number; bare: number }> {
  const tokens = await readerTokens(api, stack.dev.organization, readers);
  const more = async (pid: number, url: string) => {
    // The first ones grow what all share.
    await openLogReaders({ url, tokens: tokens.slice(0, readers / 2), watch: 'nothing' });
    const before = heldBy(pid);
    await openLogReaders({ url, tokens: tokens.slice(readers / 2), watch: 'nothing' });
    return (heldBy(pid) - before) / (readers / 2);
  };
  const relay = await startOwnProgram('bare-log-relay.ts', stack.dev.redisUrl);
  try {
    return {
      ours: await more(pidOf(stack.services.api), `${api.url}/api/v2/runs/${runId}/logs/apply`),
      bare: await more(relay.pid, `${relay.said}/nobody-writes`),
    };
  } finally {
    await relay.stop();
  }
}

async function heldByProgram(file: string, ...argv: string[]): Promise<number> {
  const program = await startOwnProgram(file, ...argv);
  const held = heldBy(program.pid);
  await program.stop();
  return held;
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MiB`;

const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;

function pidOf({ pid }: { pid: number | undefined }): number {
  if (pid === undefined) throw new Error('A process of the stack did not start.');
  return pid;
}

/** Bytes; 0 of a process that has ended. */
function heldBy(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${name}/status`))?.[1]) }));
  const below = (of: number): number[] =>
    parents.filter(({ parent }) => parent === of).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
