import path from 'node:path';
import { type Engine, engines } from '@gatehouse/shared/engine-version';
import type { Command, CommandResult } from '../sandbox/command.ts';
import type { PreparedCommand } from '../sandbox/sandbox.ts';
import { need, type PhaseContext } from './phase.ts';
import { runEnvironment } from './run-environment.ts';

/** Where the folder of an engine's binary appears in the sandbox. */
export const toolsInside = (engine: Engine) => `/opt/gatehouse/${engine}`;

/** What people call the program: the first word of its commands. */
export function programName(phase: PhaseContext): string {
  return engines[need(phase, 'terraform').engine].program;
}

/** The terraform binary as a command of the run calls it. */
export function terraformProgram(phase: PhaseContext): string {
  const { binary, engine } = need(phase, 'terraform');
  return phase.settings.sandbox.mode === 'none' ? binary : path.posix.join(toolsInside(engine), path.basename(binary));
}

/** The working directory as a command of the run sees it. */
export function workingDirectory(phase: PhaseContext): string {
  return path.join(need(phase, 'sandbox').paths.workspace, need(phase, 'directory').below);
}

/** Makes a command's sandbox ahead, while something else goes on. Output goes to the log, or is captured. */
export async function prepareCommand(
  phase: PhaseContext,
  argv: readonly string[],
  options: Partial<Pick<Command, 'captureStdoutLimitBytes' | 'offline' | 'stdin' | 'onOutput'>> = {},
): Promise<PreparedCommand> {
  return need(phase, 'sandbox').prepare({
    argv,
    environment: await runEnvironment(phase),
    onOutput: (bytes) => phase.log.write(bytes),
    ...options,
  });
}

export async function prepareTerraform(
  phase: PhaseContext,
  args: readonly string[],
  options: Partial<Pick<Command, 'captureStdoutLimitBytes' | 'offline' | 'onOutput'>> = {},
): Promise<PreparedCommand> {
  return prepareCommand(phase, [terraformProgram(phase), ...args], options);
}

/** One terraform command in the working directory. */
export async function runTerraform(
  phase: PhaseContext,
  args: readonly string[],
  options: Partial<Pick<Command, 'onOutput'>> = {},
): Promise<CommandResult> {
  const prepared = await prepareTerraform(phase, args, options);
  return prepared.run({ cwd: workingDirectory(phase) });
}
