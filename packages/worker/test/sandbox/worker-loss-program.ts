// Started as a process of its own by worker-loss.test.ts: a worker whose run serves a socket for as long as it lives.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openSandbox } from '../../src/sandbox/sandbox.ts';

const base = process.argv[2] ?? '';
const workDir = join(base, 'work');
const stateDir = join(base, 'state');
for (const path of [workDir, stateDir]) await mkdir(path);
const sandbox = await openSandbox({
  runLabel: 'lost',
  mode: 'bubblewrap',
  identity: { uid: 31_000, gid: 31_000 },
  workDir,
  stateDir,
  runtimeDir: base,
});
await sandbox.run({
  argv: [
    'sh',
    '-c',
    'socat UNIX-LISTEN:alive,fork EXEC:/bin/cat & until socat -u OPEN:/dev/null UNIX-CONNECT:alive 2>/dev/null; do :; done; echo alive; wait',
  ],
  environment: {},
  onOutput: (bytes) => {
    process.stdout.write(bytes);
  },
});
