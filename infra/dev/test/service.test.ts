import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { type Service, startService } from '../src/service.ts';
import { waitUntilReady } from '../src/wait-until-ready.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function setup() {
  const logFolder = await mkdtemp(path.join(tmpdir(), 'gh-service-'));
  folders.push(logFolder);
  const warnings: string[] = [];
  const start = (script: string): Service =>
    startService({
      name: 'thing',
      command: ['/bin/sh', '-c', script],
      environment: { PATH: '/usr/bin:/bin', GIVEN: 'yes' },
      logFolder,
      onWarning: (line) => warnings.push(line),
    });
  return { start, warnings, logFolder };
}

test('output goes to the log, and only warnings to the terminal', async () => {
  const { start, warnings } = await setup();
  const service = start(
    `echo plain; echo '{"level":30,"msg":"all well"}'; echo '{"level":50,"msg":"broken","err":{"message":"no disk"}}'; echo oops >&2`,
  );
  expect(await service.exited).toBe('thing ended with exit code 0');
  expect((await readFile(service.logFile, 'utf8')).split('\n').filter((line) => line !== '')).toHaveLength(4);
  expect(warnings.sort()).toEqual(['thing: broken: no disk', 'thing: oops']);
});

test('a service has the environment that it was given, and none besides', async () => {
  const { start } = await setup();
  vi.stubEnv('NOT_GIVEN', 'secret');
  const service = start('env');
  await service.exited;
  vi.unstubAllEnvs();
  const log = await readFile(service.logFile, 'utf8');
  expect(log).toContain('GIVEN=yes');
  expect(log).not.toContain('NOT_GIVEN');
});

test('stop asks politely first, and kills what does not listen', async () => {
  const { start, warnings } = await setup();
  const polite = start('trap "exit 7" TERM; echo up; while :; do sleep 0.05; done');
  await hasWritten(polite, 'up');
  await polite.stop();
  expect(await polite.exited).toBe('thing ended with exit code 7');
  const deaf = start('trap "" TERM; echo deaf; while :; do sleep 0.05; done');
  await hasWritten(deaf, 'deaf');
  await deaf.stop(100);
  expect(await deaf.exited).toBe('thing was ended by SIGKILL');
  expect(warnings).toEqual(['thing did not stop within 0.1 s and is killed.']);
});

test('a program that does not exist ends with a sentence', async () => {
  const { logFolder } = await setup();
  const options = { name: 'none', environment: {}, logFolder, onWarning: () => undefined };
  const service = startService({ ...options, command: ['/nowhere/program'] });
  expect(await service.exited).toMatch(/^none ended with exit code 1/);
});

test('waiting for a service that ends tells how, with the end of its log', async () => {
  const { start } = await setup();
  const service = start('echo "no such port" >&2; exit 3');
  await expect(waitUntilReady(service, async () => false)).rejects.toThrow(/exit code 3[\s\S]*no such port/);
});

test('a launcher that is killed takes its services with it', async () => {
  const { logFolder } = await setup();
  const source = fileURLToPath(new URL('../src/service.ts', import.meta.url));
  const script = `
    import { startService } from ${JSON.stringify(source)};
    const service = startService({
      name: 'orphan', command: ['/bin/sleep', '60'], environment: {}, logFolder: ${JSON.stringify(logFolder)}, onWarning() {},
    });
    setTimeout(() => console.log(service.pid), 200);`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--conditions=gatehouse-source', '-e', script]);
  const pid = await new Promise<number>((resolve) => launcher.stdout.once('data', (data) => resolve(Number(data))));
  expect(await isAlive(pid)).toBe(true);
  launcher.kill('SIGKILL');
  await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), { timeout: 5_000 });
});

async function hasWritten(service: Service, text: string): Promise<void> {
  await vi.waitFor(async () => expect(await readFile(service.logFile, 'utf8')).toContain(text), { timeout: 5_000 });
}

/** A zombie that init has not reaped yet (state `Z`) runs no more. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
}
