// What the tests of the sandbox set up: folders, a sandbox over them, and a command that collects its output.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Command } from '../../src/sandbox/command.ts';
import { openSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

export async function aSandbox(options: Partial<SandboxOptions> = {}) {
  const base = await mkdtemp(join(tmpdir(), 'gh-test-'));
  const workDir = join(base, 'work');
  const stateDir = join(base, 'state');
  for (const path of [workDir, stateDir]) await mkdir(path);
  let opened: Sandbox | undefined;
  onTestFinished(async () => {
    await opened?.close();
    await rm(base, { recursive: true, force: true });
  });
  const sandbox = await openSandbox({
    runLabel: 'test',
    mode: 'bubblewrap',
    identity: { uid: 31_000, gid: 31_000 },
    workDir,
    stateDir,
    limits: { wallClockMs: 60_000 },
    ...options,
  });
  opened = sandbox;
  const run = async (script: string, command: Partial<Command> = {}) => {
    let output = '';
    const result = await sandbox.run({
      argv: ['/bin/sh', '-c', script],
      environment: {},
      onOutput: (bytes) => {
        output += Buffer.from(bytes).toString('utf8');
      },
      ...command,
    });
    return { ...result, output };
  };
  return { sandbox, run, base, workDir, stateDir };
}
