import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Phase } from '@gatehouse/shared/run-status';
import { startOwnProgram } from './own-program.ts';
import { terraformProgram } from './terraform-program.ts';

export type BareLog = {
  /** Where readers follow the log of this name, from now on. */
  urlOf(name: string): string;
  /** Plans or applies this configuration by hand, terraform's output in the log of this name. Resolves at its end. */
  run(name: string, mainTf: string, phase: Phase): Promise<void>;
  stop(): Promise<void>;
};

const commands = {
  plan: ['plan', '-input=false', '-out=plan'],
  apply: ['apply', '-input=false', '-auto-approve'],
} as const satisfies Record<Phase, readonly string[]>;

/** A bare pipe, Redis, and an HTTP relay: what a log's way through Gatehouse is held against. */
export async function startBareLog(redisUrl: string): Promise<BareLog> {
  const relay = await startOwnProgram('bare-log-relay.ts', redisUrl);
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-bare-log-'));
  const terraform = terraformProgram();
  // What is in the environment of whoever measures is not in that of a run.
  const env = { PATH: process.env['PATH'], HOME: folder };
  const run = async (cwd: string, command: string, args: readonly string[], output: 'ignore' | 'inherit') => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, 'inherit'] });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}.`);
  };
  return {
    urlOf: (name) => `${relay.said}/${name}`,
    async run(name, mainTf, phase) {
      const at = await mkdtemp(path.join(folder, 'run-'));
      await writeFile(path.join(at, 'main.tf'), mainTf);
      await run(at, terraform, ['init', '-input=false'], 'ignore');
      const writer = fileURLToPath(new URL('bare-log-writer.ts', import.meta.url));
      const node = [process.execPath, '--conditions=gatehouse-source', writer] as const;
      await run(at, node[0], [...node.slice(1), redisUrl, name, terraform, ...commands[phase]], 'inherit');
    },
    async stop() {
      await relay.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
