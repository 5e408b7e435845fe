import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createResolver } from '../../src/sandbox/resolve-names.ts';

/** In place of `getent`: answers names of three numbers at once, and the others never; each leaves a file. */
async function setup() {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghw-names-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const command = path.join(folder, 'answers');
  const script = `#!/bin/sh
echo $$ > ${folder}/asked-$3
case "$3" in fast*) echo '192.0.2.7 STREAM fast'; echo '192.0.2.7 DGRAM'; echo '2001:db8::7 STREAM' ;; *) exec sleep 600 ;; esac
`;
  await writeFile(command, script, { mode: 0o755 });
  const asked = async () => (await readdir(folder)).filter((name) => name.startsWith('asked-')).sort();
  return { command, asked, pidOf: async (name: string) => Number(await readFile(`${folder}/asked-${name}`, 'utf8')) };
}

test('gives each address once, by the real resolver of the machine too', async () => {
  const { command } = await setup();
  expect(await createResolver({ command })('fast.example')).toEqual(['192.0.2.7', '2001:db8::7']);
  expect(await createResolver()('localhost')).toContain('127.0.0.1');
  await expect(createResolver()('nobody.invalid')).rejects.toThrow();
  // Of what looks like an option the resolver is asked as a name.
  await expect(createResolver()('--version')).rejects.toThrow();
});

test('ends a look-up that takes too long, with its process', async () => {
  const { command, pidOf } = await setup();
  await expect(createResolver({ command, timeoutMs: 300 })('slow')).rejects.toThrow();
  const pid = await pidOf('slow');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow());
});

test('ends with the run: what is looked up, and what waits for it', async () => {
  const { command, pidOf, asked } = await setup();
  const run = new AbortController();
  const resolve = createResolver({ command, maxAtOnce: 1, signal: run.signal });
  const looking = ['slow1', 'slow2'].map((name) => resolve(name).catch(() => 'no address'));
  await vi.waitFor(() => pidOf('slow1'));
  const pid = await pidOf('slow1');
  run.abort();
  expect(await Promise.all(looking)).toEqual(['no address', 'no address']);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow());
  expect(await asked()).toEqual(['asked-slow1']);
});

test('asks for so many at once and no more, keeps so many waiting, and no other run', async () => {
  const { command, asked } = await setup();
  const limits = { command, maxAtOnce: 2, maxWaiting: 1, timeoutMs: 1_500 };
  const hostile = createResolver(limits);
  const slow = ['slow1', 'slow2', 'slow3'].map((name) => hostile(name).catch(() => 'no address'));
  await expect(hostile('slow4')).rejects.toThrow('Too many names');
  await vi.waitFor(async () => expect(await asked()).toEqual(['asked-slow1', 'asked-slow2']));
  expect(await createResolver(limits)('fast.example')).toHaveLength(2);
  expect(await asked()).not.toContain('asked-slow3');
  expect(await Promise.all(slow)).toEqual(Array(3).fill('no address'));
  expect(await asked()).toContain('asked-slow3');
  // The places are free again.
  expect(await hostile('fast.example')).toHaveLength(2);
});
