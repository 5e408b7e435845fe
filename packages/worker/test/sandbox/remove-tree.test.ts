import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startAs, workerUsers } from './worker-users.ts';

test.each(await workerUsers())(
  'whatever a run leaves is cleared and removed, and nothing else ($name)',
  async (user) => {
    const base = await mkdtemp(join(tmpdir(), 'ghw-tree-'));
    await chmod(base, 0o777);
    onTestFinished(() => rm(base, { recursive: true, force: true }));
    const program = fileURLToPath(new URL('remove-tree-program.ts', import.meta.url));
    const worker = startAs(user, [program, base]);
    if (worker.stdout === null) throw new Error('No standard output');
    expect(JSON.parse(await text(worker.stdout))).toEqual({
      modes: ['755', '755'],
      left: [],
      isKept: true,
      outside: '755',
    });
  },
);
