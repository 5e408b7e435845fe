import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { watchState } from '../../src/phases/state-watch.ts';

async function setup(previous?: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'terraform.tfstate');
  const seen: number[] = [];
  const watch = watchState({
    folder,
    read: () => readFile(file).catch(() => undefined),
    previous: previous === undefined ? undefined : Buffer.from(previous),
    onState: (bytes) => seen.push(JSON.parse(Buffer.from(bytes).toString()).serial),
    onTrouble: () => {},
  });
  return { watch, seen, folder, write: (text: string) => writeFile(file, text) };
}

const state = (serial: number): string => JSON.stringify({ version: 4, serial, lineage: 'a-lineage', resources: [] });

test('each change is told', async () => {
  const { watch, seen, write } = await setup();
  await write(state(1));
  await vi.waitFor(() => expect(seen).toEqual([1]));
  await write(state(2));
  await vi.waitFor(() => expect(seen).toEqual([1, 2]));
  expect(await watch.stop()).toBe(true);
  expect(seen).toEqual([1, 2]);
});

test('a cut state is passed over; the last look says so', async () => {
  const { watch, seen, write } = await setup();
  await write(state(1));
  await vi.waitFor(() => expect(seen).toEqual([1]));
  await write(state(2).slice(0, 20));
  expect(await watch.stop()).toBe(false);
  expect(seen).toEqual([1]);
});

test('the state that was laid out is no change; the last look finds what no event told', async () => {
  const { watch, seen, write } = await setup(state(7));
  await write(state(7));
  await write(state(8));
  expect(await watch.stop()).toBe(true);
  expect(seen).toEqual([8]);
});

test('writes without end keep nothing else waiting', async () => {
  const { watch, seen, write, folder } = await setup();
  // One by itself writes no faster than it is heard; several do. They end by themselves, since we might not get to it.
  const script =
    'chdir shift; open A, ">a$$"; open B, ">b$$"; for (;;) { for (*A, *B) { sysseek $_, 0, 0; syswrite $_, "x" } }';
  const writers = Array.from({ length: 6 }, () => spawn('timeout', ['20', 'perl', '-e', script, folder]));
  onTestFinished(() => {
    for (const writer of writers) writer.kill();
  });
  await write(state(1));
  await vi.waitFor(() => expect(seen).toEqual([1]), { timeout: 15_000, interval: 20 });
  // It was seen beside them, not after them.
  expect(writers.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual(Array(6).fill(null));
  expect(await watch.stop()).toBe(true);
});
