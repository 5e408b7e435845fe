import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
/** Two minutes: a registry that is slow is not waited for longer. */
const patienceMs = 120_000;

/** Runs the pnpm of this repository on the machine's Node, and says how it ended and all that it said. */
export function runPnpm(args: readonly string[]): Promise<{ hasSucceeded: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile('npx', ['-y', 'pnpm@12', ...args], { cwd: repository, timeout: patienceMs }, (error, stdout, stderr) => {
      resolve({ hasSucceeded: error === null, output: `${stdout}${stderr}` || (error?.message ?? '') });
    });
  });
}
