// Started as a process of its own by attacks.test.ts, as root and as an unprivileged user: plays the worker, runs each
// attack in one sandbox and prints what the attacks saw as JSON.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Secret } from '@gatehouse/shared/secret';
import { closable, listenOnLoopback } from '../../src/sandbox/listen.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { attacks } from './attacks.ts';

const base = process.argv[2] ?? '';
const workDir = join(base, 'run', 'work');
const stateDir = join(base, 'run', 'state');
for (const path of [workDir, stateDir, join(base, 'other-run')]) await mkdir(path, { recursive: true });
await writeFile(join(base, 'other-run', 'terraform.tfstate'), 'state of another run');

let reached = 0;
const listener = () =>
  createServer((socket) => {
    reached += 1;
    socket.on('error', () => {});
    socket.end('PONG');
  });
const redis = listener();
const redisPort = await listenOnLoopback(redis, 0);
const abstractName = `gatehouse-attack-${process.pid}`;
const abstract = listener();
await new Promise<void>((resolve) => abstract.listen(`\0${abstractName}`, resolve));

const refused: string[] = [];
const sandbox = await openSandbox({
  runLabel: 'attack',
  mode: 'bubblewrap',
  identity: { uid: 31_000, gid: 31_000 },
  workDir,
  stateDir,
  runtimeDir: base,
  limits: { processes: 64, fileSizeBytes: 8 * 1024 ** 2, tmpBytes: 4 * 1024 ** 2, wallClockMs: 20_000 },
  egress: { onRefused: (destination, reason) => refused.push(`${destination} ${reason}`) },
  credentials: { current: async () => undefined },
});
const seen: Record<string, { output: string; exitCode: number | undefined; ended: string }> = {};
for (const [name, { script }] of Object.entries(attacks)) {
  let output = '';
  const { exitCode, ended } = await sandbox.run({
    argv: ['/bin/sh', '-c', script],
    environment: {
      RUN_SECRET: new Secret('run-secret-value'),
      OTHER_RUN: join(base, 'other-run'),
      REDIS_PORT: String(redisPort),
      ABSTRACT: abstractName,
    },
    onOutput: (bytes) => {
      output += Buffer.from(bytes).toString('utf8');
    },
  });
  seen[name] = { output, exitCode, ended };
}
const link = await sandbox.readFile(join(workDir, 'errored.tfstate'), 1_000).then(
  () => 'read',
  (error: Error) => error.message,
);
await sandbox.close();
const setuid = await stat(join(workDir, 'setuid-shell'));
for (const server of [redis, abstract]) await closable(server)();
console.log(
  JSON.stringify({
    seen,
    refused,
    reached,
    link,
    setuidMode: (setuid.mode & 0o7777).toString(8),
    setuidOwner: setuid.uid,
    redisPort,
  }),
);
