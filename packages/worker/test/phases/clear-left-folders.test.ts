import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearLeftFolders } from '../../src/phases/clear-left-folders.ts';
import { markOwner, markStored, readFolderOwner } from '../../src/phases/folder-owner.ts';
import { KeptStates } from '../../src/phases/kept-states.ts';

const logger = pino({ level: 'silent' });
const state = Buffer.from(JSON.stringify({ version: 4, serial: 3, lineage: 'one', outputs: {}, resources: [] }));
let workDir: string;
beforeEach(async () => {
  workDir = await mkdtemp(path.join(tmpdir(), 'gh-left-'));
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

/** The folder of a phase; `by`: what its owner's mark says instead of this process. */
async function folder(name: string, by: object = {}): Promise<{ root: string; stateFile: string }> {
  const root = path.join(workDir, name);
  const stateFile = path.join(root, 'state', 'workspace', 'terraform.tfstate');
  await mkdir(path.dirname(stateFile), { recursive: true });
  await markOwner(root, { runId: `run-${name}`, stateFile });
  await writeFile(path.join(root, 'owner'), JSON.stringify({ ...(await readFolderOwner(root)), ...by }));
  return { root, stateFile };
}

/** The id of a process that is no more. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

const clear = () => clearLeftFolders(workDir, { keptStates: new KeptStates(workDir, logger), logger });
const keptOf = (name: string) => readFile(path.join(workDir, 'kept-states', `run-${name}.errored.tfstate`));

test('the folder of a worker that died goes, and the state that the api did not get is kept', async () => {
  const { stateFile } = await folder('claim-dead', { pid: await deadPid() });
  await writeFile(stateFile, state);
  await clear();
  expect(await readdir(workDir)).toEqual(['kept-states']);
  expect(await keptOf('claim-dead')).toEqual(state);
});

test('a state that the api has is not kept', async () => {
  const { root, stateFile } = await folder('claim-dead', { pid: await deadPid() });
  await writeFile(stateFile, state);
  await markStored(root, state);
  await clear();
  expect(await readdir(workDir)).toEqual([]);
});

test('a link or a pipe that a run left in place of its state leads nowhere, and keeps nothing there', async () => {
  const { stateFile } = await folder('claim-dead', { pid: await deadPid() });
  const secret = path.join(workDir, 'secret');
  await writeFile(secret, state);
  await symlink(secret, stateFile);
  const other = await folder('claim-other', { pid: await deadPid() });
  execFileSync('mkfifo', [other.stateFile]);
  await clear();
  expect(await readdir(workDir)).toEqual(['secret']);
  expect(await readFile(secret)).toEqual(state);
});

test('who lives keeps its folder: this process, another one, and whoever cannot be asked', async () => {
  await folder('claim-own');
  await folder('claim-elsewhere', { pid: await deadPid(), bootId: 'another machine' });
  await folder('claim-container', { pid: await deadPid(), pidNamespace: 'pid:[1]' });
  await mkdir(path.join(workDir, 'claim-unmarked'));
  await clear();
  expect((await readdir(workDir)).sort()).toEqual([
    'claim-container',
    'claim-elsewhere',
    'claim-own',
    'claim-unmarked',
  ]);
});

test('a process that took the number of a dead one is another', async () => {
  await folder('claim-reused', { startedAtTick: '1' });
  await clear();
  expect(await readdir(workDir)).toEqual([]);
});

test('of another machine, what is older than any phase goes', async () => {
  const twoDays = 2 * 24 * 3_600_000;
  await folder('claim-old', { bootId: 'another machine', createdAtMs: Date.now() - twoDays - 1000 });
  await clear();
  expect(await readdir(workDir)).toEqual([]);
});
