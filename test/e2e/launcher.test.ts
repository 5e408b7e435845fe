import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiClient } from '@gatehouse/dev/api-client';
import { readDevFile } from '@gatehouse/dev/dev-file';
import { freePort } from '@gatehouse/dev/free-port';
import { findWorkspace } from '@gatehouse/dev/run-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// `npm start` as a person uses it, but for npm.

const program = fileURLToPath(new URL('../../infra/dev/src/start.ts', import.meta.url));
let dataDirectory: string;
let port: number;
const started: ChildProcess[] = [];

beforeEach(async () => {
  dataDirectory = await mkdtemp(path.join(tmpdir(), 'gh-start-'));
  port = await freePort();
});
afterEach(async () => {
  for (const launcher of started.splice(0)) launcher.kill('SIGKILL');
  // Redis may still be writing for the instant until the kernel ends it.
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function launch() {
  const launcher = spawn(process.execPath, ['--conditions=gatehouse-source', program], {
    env: { ...process.env, GATEHOUSE_DATA_DIR: dataDirectory, GATEHOUSE_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(launcher);
  const exited = once(launcher, 'exit').then(([code]: unknown[]) => code);
  let output = '';
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const ready = () =>
    vi.waitFor(() => expect(output).toContain(`Gatehouse is ready at http://127.0.0.1:${port}\n`), {
      timeout: 90_000,
      interval: 50,
    });
  return { launcher, exited, ready, output: () => output };
}

test('what a first start has made a second one keeps, and a stop leaves no process', async () => {
  const first = launch();
  await first.ready();
  const dev = await readDevFile(dataDirectory);
  const workspace = await findWorkspace(createApiClient(dev), dev.organization, dev.workspace);
  const children = await childrenOf(dev.pid);
  expect(children).toHaveLength(4);

  const refused = launch();
  expect(await refused.exited).toBe(1);
  expect(refused.output()).toMatch(/running already/);

  first.launcher.kill('SIGINT');
  expect(await first.exited).toBe(0);
  for (const pid of children) expect(await isAlive(pid)).toBe(false);
  await expect(readDevFile(dataDirectory)).rejects.toThrow(/not running/);

  const second = launch();
  await second.ready();
  const again = await readDevFile(dataDirectory);
  expect({ ...again, pid: 0, stsUrl: '' }).toEqual({ ...dev, pid: 0, stsUrl: '' });
  expect(await findWorkspace(createApiClient(again), again.organization, again.workspace)).toBe(workspace);
  second.launcher.kill('SIGTERM');
  expect(await second.exited).toBe(0);
});

test('a launcher that is killed leaves no process, and a process that ends takes all with it', async () => {
  const killed = launch();
  await killed.ready();
  const orphans = await childrenOf((await readDevFile(dataDirectory)).pid);
  killed.launcher.kill('SIGKILL');
  for (const pid of orphans) await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), { timeout: 10_000 });

  const next = launch();
  await next.ready();
  const children = await childrenOf((await readDevFile(dataDirectory)).pid);
  const [victim] = children;
  if (victim === undefined) throw new Error('No process to end.');
  process.kill(victim, 'SIGKILL');
  expect(await next.exited).toBe(1);
  expect(next.output()).toMatch(/stops, because a process of it ended/);
  for (const pid of children) expect(await isAlive(pid)).toBe(false);
});

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async (pid) => ({ pid, parent: (await statOf(pid))?.[1] })));
  return parents.filter((process) => process.parent === String(parent)).map(({ pid }) => pid);
}

/** A zombie that nobody has reaped yet runs no more. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await statOf(pid);
  return stat !== undefined && stat[0] !== 'Z';
}

/** State and parent, the fields behind the program's name in `/proc/<pid>/stat`. */
async function statOf(pid: number): Promise<string[] | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}
