import { setTimeout as delay } from 'node:timers/promises';
import type { Command, Enclosed } from './command.ts';
import { departureArguments, departureInput, departureScript } from './departure.ts';
import { signalProcess, startProcess } from './processes.ts';

/** How long bytes may still arrive after the exit while something that left the process group holds the output open. */
const lingerMs = 1_000;

/**
 * Mode `none`: a plain child process, as the worker's own user, with nothing of the worker's environment and nothing
 * else kept from it. It outlives a worker that is killed.
 */
export function startPlainly(
  command: Command,
  environment: Readonly<Record<string, string>>,
  defaultCwd: string,
): Enclosed {
  const process = startProcess({
    file: '/bin/sh',
    argv: ['-c', departureScript, 'sh', ...departureArguments(command)],
    environment,
    cwd: defaultCwd,
    inputs: [],
    status: false,
  });
  const killGroup = () => {
    if (process.pid !== undefined) signalProcess(-process.pid, 'SIGKILL');
  };
  return {
    process,
    interrupt: async () => process.pid !== undefined && signalProcess(process.pid, 'SIGINT'),
    kill: killGroup,
    go: (departure) => process.feed(departureInput(command, departure, defaultCwd)),
    async emptied() {
      killGroup();
      const closed = Promise.all([process.stdout, process.stderr].map(closing));
      await Promise.race([closed, delay(lingerMs, undefined, { ref: false })]);
      process.stdout.destroy();
      process.stderr.destroy();
    },
    neverStarted: (exit) => exit.startError !== undefined,
  };
}

function closing(stream: NodeJS.ReadableStream & { closed?: boolean }): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', () => resolve());
  });
}
