import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openSandbox, type SandboxOptions } from '@gatehouse/worker/sandbox/sandbox';
import { terraformProgram } from './terraform-program.ts';

const terraform = terraformProgram();
/** What a run makes of a configuration: the plan is shown for the page, too. */
const commands = [
  ['init', '-input=false'],
  ['plan', '-input=false', '-out=plan'],
  ['show', '-json', 'plan'],
  ['apply', '-input=false', 'plan'],
];

export type ByHandOptions = { mainTf: string; environment?: Record<string, string> } & Pick<
  SandboxOptions,
  'providerMirror' | 'forwards'
>;

/** How long the commands of a run take, one after the other, each in a sandbox as a run has it (ms). */
export async function inBareSandbox({ mainTf, environment = {}, ...options }: ByHandOptions): Promise<number> {
  return inFolder(mainTf, async (folder) => {
    const stateDir = path.join(folder, 'state');
    await mkdir(stateDir);
    const startedAt = performance.now();
    const sandbox = await openSandbox({
      ...options,
      runLabel: 'by-hand',
      mode: 'bubblewrap',
      identity: { uid: 31_000, gid: 31_000 },
      workDir: path.join(folder, 'work'),
      stateDir,
    });
    try {
      for (const args of commands) {
        const { exitCode } = await sandbox.run({ argv: [terraform, ...args], environment, onOutput: () => {} });
        if (exitCode !== 0) throw new Error(`terraform ${args.join(' ')} ended with ${exitCode}.`);
      }
      return performance.now() - startedAt;
    } finally {
      await sandbox.close();
    }
  });
}

/** The same, as somebody types them. */
export async function bare({ mainTf, environment = {}, providerMirror }: ByHandOptions): Promise<number> {
  return inFolder(mainTf, async (folder) => {
    const cliConfig = path.join(folder, 'terraformrc');
    const installation =
      providerMirror === undefined
        ? ''
        : `provider_installation {\n  filesystem_mirror { path = "${providerMirror}" }\n}\n`;
    await writeFile(cliConfig, installation);
    const env = { PATH: process.env['PATH'], HOME: folder, TF_CLI_CONFIG_FILE: cliConfig, ...environment };
    const startedAt = performance.now();
    for (const args of commands) {
      await promisify(execFile)(terraform, args, { cwd: path.join(folder, 'work'), env, maxBuffer: 64 * 1024 ** 2 });
    }
    return performance.now() - startedAt;
  });
}

async function inFolder<Value>(mainTf: string, work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-by-hand-'));
  try {
    await mkdir(path.join(folder, 'work'));
    await writeFile(path.join(folder, 'work', 'main.tf'), mainTf);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
