import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { endLeftSandboxes } from '../../src/sandbox/end-left-sandboxes.ts';
import { isDead, signalProcess } from '../../src/sandbox/processes.ts';

/** A launcher called `name` and a process in a pid namespace of its own, called as bwrap's pid 1 is. Resolves with both. */
async function startSandbox(name: string) {
  const first = `exec -a bwrap bash -c 'echo ready; sleep 600; true' /run/relay.sh`;
  const launcher = spawn(
    'bash',
    ['-c', `exec -a ${name} unshare --user --map-root-user --pid --fork bash -c "$FIRST"`],
    { env: { PATH: process.env['PATH'], FIRST: first }, stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const { pid, stdout } = launcher;
  if (pid === undefined || stdout === null) throw new Error('No launcher');
  await once(stdout, 'data');
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const inner = Number(children.trim());
  onTestFinished(() => {
    for (const each of [pid, inner]) signalProcess(each, 'SIGKILL');
  });
  return { launcher, inner };
}

test('what has lost its launcher is ended, what has one goes on', async () => {
  const [left, held] = [await startSandbox('bwrap'), await startSandbox('bwrap')];
  left.launcher.kill('SIGKILL');
  await once(left.launcher, 'exit');
  expect(await isDead(left.inner, 0)).toBe(false);
  expect(await endLeftSandboxes()).toContain(left.inner);
  expect(await isDead(left.inner, 0)).toBe(true);
  expect(await isDead(held.inner, 0)).toBe(false);
});
