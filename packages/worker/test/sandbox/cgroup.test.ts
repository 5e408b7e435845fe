import { spawn } from 'node:child_process';
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCgroup } from '../../src/sandbox/cgroup.ts';
import { aSandbox } from './a-sandbox.ts';

/** Where this machine lets us make a cgroup v2 child, if anywhere. */
async function writableParent(): Promise<string | undefined> {
  const mount = /^\d+ \d+ \S+ \S+ (\S+) .*- cgroup2 /m.exec(await readFile('/proc/self/mountinfo', 'utf8'))?.[1];
  const own = /^0::(\/.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1];
  if (mount === undefined || own === undefined) return undefined;
  const parent = join(mount, own);
  return await access(join(parent, 'cgroup.procs'), constants.W_OK).then(
    () => parent,
    () => undefined,
  );
}

const parent = (await writableParent()) ?? '';
if (parent === '') console.warn('SKIPPED: cgroups of runs, since no cgroup v2 folder can be written here');
const limits = { parent, memoryBytes: 1024 ** 3, cpus: 1.5, processes: 100 };

test.skipIf(parent === '')('a run lives in a cgroup of its own, which is gone after it', async () => {
  const { run, sandbox } = await aSandbox({ cgroup: limits });
  let path = '';
  const result = await run('echo started; exec sleep 600', {
    onOutput: async () => {
      // Inside, the cgroup namespace hides the path; the host sees it.
      const found = await runsIn(parent);
      path = found[0] ?? '';
      sandbox.kill();
    },
  });
  expect(result.ended).toBe('killed');
  expect(path).toMatch(/gatehouse-[0-9a-f]{12}$/);
  await sandbox.close();
  await expect(access(path)).rejects.toThrow('ENOENT');
});

test.skipIf(parent === '')('closing a cgroup ends what is left in it', async () => {
  const cgroup = await openCgroup(limits);

  const left = spawn('sh', ['-c', 'echo $$ >"$1" && echo in && exec sleep 600', 'sh', cgroup.processesFile]);
  const ended = new Promise<string | null>((resolve) => left.once('exit', (_, signal) => resolve(signal)));
  await new Promise((resolve) => left.stdout.once('data', resolve));
  await cgroup.close();
  expect(await ended).toBe('SIGKILL');
});

test('where no child can be made the reason is told', async () => {
  await expect(openCgroup({ ...limits, parent: '/proc/no-cgroup' })).rejects.toMatchObject({ code: 'unavailable' });
});

async function runsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('gatehouse-'));
  const withProcesses = [];
  for (const name of names) {
    if ((await readFile(join(folder, name, 'cgroup.procs'), 'utf8')) !== '') withProcesses.push(join(folder, name));
  }
  return withProcesses;
}
