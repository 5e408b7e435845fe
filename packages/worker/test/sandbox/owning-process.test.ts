import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isGone, thisProcess } from '../../src/sandbox/owning-process.ts';

test('this process is not gone, and one with its number that began at another time is', async () => {
  const own = await thisProcess();
  expect(await isGone(own)).toBe(false);
  expect(await isGone({ ...own, startedAtTick: '1' })).toBe(true);
});

test('a process that is dead and that nobody has waited for is gone', async () => {
  // The shell becomes `sleep`, which never asks for its child; that ends with its input, and only then.
  const script = 'read x <&3 & echo $!; exec sleep 600 3<&-';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  if (parent.stdout === null) throw new Error('No standard output');
  const [said] = await once(parent.stdout, 'data');
  const pid = Number(said);
  const stat = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  await vi.waitFor(async () => expect(await readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'));
  parent.stdio[3]?.destroy();
  await vi.waitFor(async () => expect((await stat())[0]).toBe('Z'));
  const startedAtTick = (await stat())[19] ?? '';
  expect(await isGone({ ...(await thisProcess()), pid, startedAtTick })).toBe(true);
});

test('of another machine or container only the age tells', async () => {
  const own = await thisProcess();
  for (const other of [{ bootId: 'another machine' }, { pidNamespace: 'pid:[1]' }]) {
    expect(await isGone({ ...own, ...other, pid: 0 })).toBe(false);
    expect(await isGone({ ...own, ...other, createdAtMs: Date.now() - 3 * 86_400_000 })).toBe(true);
  }
});
