import path from 'node:path';
import { need, type PhaseContext } from './phase.ts';

/** Ends the command when the tree could not be unpacked; terraform itself ends with 0 or 1. */
export const unpackFailed = 120;

/**
 * A command that first unpacks the tree from its input, inside the sandbox, since what is in the tree was written by the
 * run, and goes to the working directory, which is there only then. One sandbox for both: none is made for nothing, and
 * nothing stands between.
 */
export function unpackArguments(phase: PhaseContext, argv: readonly string[]): string[] {
  const script = 'tar -xzf - || exit "$1"; cd -- "$2" || exit "$1"; unset OLDPWD; shift 2; exec "$@" </dev/null';
  const directory = path.posix.join('.', need(phase, 'directory').below);
  return ['/bin/sh', '-c', script, 'sh', String(unpackFailed), directory, ...argv];
}
