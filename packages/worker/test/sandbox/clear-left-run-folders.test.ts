import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { clearLeftRunFolders } from '../../src/sandbox/clear-left-run-folders.ts';
import { isGone, thisProcess, writeOwner } from '../../src/sandbox/owning-process.ts';
import { startAs } from './worker-users.ts';

const logger = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;

async function aFolder(): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'ghw-run-folders-'));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  // The user of a run walks through to the folder of its sandbox.
  await chmod(base, 0o711);
  return base;
}

const leftIn = async (base: string) => (await readdir(base)).filter((name) => name.startsWith('gh-')).sort();

test('the folder of a sandbox goes when its worker was killed, and stays while that lives', async () => {
  const base = await aFolder();
  const program = fileURLToPath(new URL('worker-loss-program.ts', import.meta.url));
  const worker = startAs({ name: 'as this process', uid: undefined, runUid: 31_000 }, [program, base]);
  onTestFinished(() => {
    worker.kill('SIGKILL');
  });
  if (worker.stdout === null) throw new Error('No standard output');
  expect(String((await once(worker.stdout, 'data'))[0])).toBe('alive\n');
  const [folder = ''] = await leftIn(base);
  expect((await stat(join(base, folder, 'owner'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(base, folder, 'files', 'relay.sh'), 'utf8')).toContain('socat');
  await clearLeftRunFolders(base, logger);
  expect(await leftIn(base)).toEqual([folder]);

  const run = connect(join(base, 'work', 'alive')).on('error', () => {});
  await once(run, 'connect');
  worker.kill('SIGKILL');
  await Promise.all([once(worker, 'exit'), once(run, 'close')]);
  expect(await leftIn(base)).toEqual([folder]);
  await clearLeftRunFolders(base, logger);
  expect(await leftIn(base)).toEqual([]);
});

test('what says nothing of its owner stays, and so does what another user has put there', async () => {
  const base = await aFolder();
  const child = spawn('true');
  await once(child, 'exit');
  const dead = { ...(await thisProcess()), pid: child.pid ?? 0 };
  expect(await isGone(dead)).toBe(true);
  const elsewhere = join(base, 'elsewhere');
  for (const path of [elsewhere, join(base, 'gh-unmarked'), join(base, 'gh-cut-off')]) await mkdir(path);
  await writeOwner(elsewhere, dead);
  await symlink(elsewhere, join(base, 'gh-link'));
  await writeFile(join(base, 'gh-cut-off', 'owner'), '{"pid":');
  await writeFile(join(base, 'gh-file'), '');
  const stays = ['gh-cut-off', 'gh-file', 'gh-link', 'gh-unmarked'];
  if (isRoot) {
    await mkdir(join(base, 'gh-of-another'));
    await writeOwner(join(base, 'gh-of-another'), dead);
    await chown(join(base, 'gh-of-another'), 31_000, 31_000);
    stays.push('gh-of-another');
  }
  await clearLeftRunFolders(base, logger);
  expect(await leftIn(base)).toEqual(stays.sort());
  expect(await readdir(elsewhere)).toEqual(['owner']);
});

test('a place that is not there is nothing to clear', async () => {
  await clearLeftRunFolders('/nowhere/at/all', logger);
});
