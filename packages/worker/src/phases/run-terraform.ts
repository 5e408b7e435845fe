import path from 'node:path';
import type { CommandResult } from '../sandbox/command.ts';
import { need, type PhaseContext } from './phase.ts';
import { runEnvironment } from './run-environment.ts';

/** Where the folder of the terraform binary appears in the sandbox. */
export const toolsInside = '/opt/gatehouse/terraform';

/** One terraform command in the working directory; its output goes to the log, or into the answer when captured. */
export async function runTerraform(
  phase: PhaseContext,
  args: readonly string[],
  options: { captureStdoutLimitBytes?: number } = {},
): Promise<CommandResult> {
  const sandbox = need(phase, 'sandbox');
  const { binary } = need(phase, 'terraform');
  const program = phase.settings.sandbox.mode === 'none' ? binary : path.join(toolsInside, path.basename(binary));
  return sandbox.run({
    argv: [program, ...args],
    environment: await runEnvironment(phase),
    cwd: path.join(sandbox.paths.workspace, need(phase, 'directory').below),
    onOutput: (bytes) => phase.log.write(bytes),
    ...options,
  });
}
