import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startAs, workerUsers } from './worker-users.ts';

test.each(await workerUsers())('a run ends with its worker when that is killed ($name)', async (user) => {
  const base = await mkdtemp(join(tmpdir(), 'gh-lost-'));
  await chmod(base, 0o777);
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  const program = fileURLToPath(new URL('worker-loss-program.ts', import.meta.url));
  const worker = startAs(user, [program, base]);
  onTestFinished(() => {
    worker.kill('SIGKILL');
  });
  if (worker.stdout === null) throw new Error('No standard output');
  const [said] = await once(worker.stdout, 'data');
  expect(String(said)).toBe('alive\n');

  // The run itself answers here; the connection ends when the run's process does.
  const run = connect(join(base, 'work', 'alive'));
  run.on('error', () => {});
  run.write('ping');
  const [answer] = await once(run, 'data');
  expect(String(answer)).toBe('ping');
  worker.kill('SIGKILL');
  await once(run, 'close');
});
