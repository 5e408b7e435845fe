import path from 'node:path';
import { need, type PhaseContext } from './phase.ts';

/** Ends the command when the tree could not be unpacked; terraform itself ends with 0 or 1. */
export const unpackFailed = 120;

const script = `
IFS= read -r directory && tar -xzf - && cd -- "$directory" || exit ${unpackFailed}
unset directory OLDPWD
exec "$@" </dev/null
`;

/**
 * A command that first unpacks the tree from its input, inside the sandbox, since what is in the tree was written by the
 * run, and goes to the working directory, which is there only then. One sandbox for both: none is made for nothing, and
 * nothing stands between.
 */
export function unpackArguments(argv: readonly string[]): string[] {
  return ['/bin/sh', '-c', script, 'sh', ...argv];
}

/** A line that names the working directory, then the tree. */
export function unpackInput(phase: PhaseContext): Uint8Array {
  const directory = path.posix.join('.', need(phase, 'directory').below);
  return Buffer.concat([Buffer.from(`${directory}\n`), need(phase, 'savedPlan').tree]);
}
