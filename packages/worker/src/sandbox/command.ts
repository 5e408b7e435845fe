import type { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { EnvironmentVariables } from './environment.ts';
import type { ProcessExit, RunningProcess } from './processes.ts';

export interface Command {
  /** Program (found on the sandbox's PATH) and arguments. They are readable by everything in the run: no secrets. */
  argv: readonly string[];
  environment: EnvironmentVariables;
  /** Default: no input (/dev/null). `at departure`: the bytes come with `Departure.stdin`. */
  stdin?: Uint8Array | 'at departure';
  /** Output in order, standard error included. Awaited: until it settles no more is read, and the command soon waits. */
  onOutput: (bytes: Uint8Array) => void | Promise<void>;
  /** When set, standard output goes into the result instead (standard error still to `onOutput`); more of it fails the command. */
  captureStdoutLimitBytes?: number;
  /**
   * Without any way out: neither proxy nor credentials nor forwards. For what needs none, as `terraform show`; it also
   * starts faster. Mode `none` cannot keep a command offline, but does not tell it the ways. Default false.
   */
  offline?: boolean;
  /** Kills the command hard. */
  signal?: AbortSignal;
}

/** What a command that is ready to go waits for. */
export interface Departure {
  /** Folder as the run sees it, which only has to be there by now. Default the workspace (`Sandbox.paths.workspace`). */
  cwd?: string;
  stdin?: Uint8Array;
}

export interface CommandResult {
  /** As the shell counts: 128 + n after signal n inside. undefined when it was killed hard. */
  exitCode: number | undefined;
  ended: 'exited' | 'killed' | 'timed_out';
  /** Empty unless `captureStdoutLimitBytes` was set. */
  stdout: Uint8Array;
}

/** A command as an enclosure (bubblewrap, or none) has started it. */
export interface Enclosed {
  process: RunningProcess;
  /** One SIGINT to the command itself. False when there is nothing left to interrupt. */
  interrupt: () => Promise<boolean>;
  /** Ends everything at once. */
  kill: () => void;
  /** Until then nothing of the command has run. To be called once. */
  go: (departure: Departure) => void;
  /** After the exit: resolves when nothing that the command started is alive. */
  emptied: () => Promise<void>;
  /** Whether the command never started, so that what stands on standard error is the launcher's. */
  neverStarted: (exit: ProcessExit) => boolean;
}

export interface RunningCommand {
  /** Throws `unavailable` when the sandbox could not be made, `too_large` past the capture's limit, or what `onOutput` threw. */
  result: Promise<CommandResult>;
  /** The time limit counts from here. */
  go: (departure: Departure) => void;
  interrupt: () => Promise<boolean>;
  kill: () => void;
}

/** Bytes of standard error kept for the message when the sandbox could not be made. */
const keptErrorBytes = 2_048;

/** Follows a command that is ready, from before it goes until nothing of it is left. */
export function followCommand(enclosed: Enclosed, command: Command, wallClockMs: number): RunningCommand {
  let ended: CommandResult['ended'] = 'exited';
  const stop = (how: CommandResult['ended']) => {
    if (ended === 'exited') ended = how;
    enclosed.kill();
  };
  const kill = () => stop('killed');
  let timer: NodeJS.Timeout | undefined;
  const go = (departure: Departure) => {
    timer = setTimeout(() => stop('timed_out'), wallClockMs);
    enclosed.go(departure);
  };
  return { result: follow(), go, interrupt: enclosed.interrupt, kill };

  async function follow(): Promise<CommandResult> {
    const { process } = enclosed;
    command.signal?.addEventListener('abort', kill, { once: true });
    if (command.signal?.aborted) kill();

    const output = inTurn(command.onOutput);
    const captured = capture(command.captureStdoutLimitBytes ?? 0);
    const errors = capture(keptErrorBytes);
    const failures: unknown[] = [];
    const read = (stream: Readable, take: (bytes: Uint8Array) => void | Promise<void>) =>
      drain(stream, take, (error) => {
        failures.push(error);
        kill();
      });
    const reading = Promise.all([
      read(process.stdout, command.captureStdoutLimitBytes === undefined ? output : captured.take),
      read(process.stderr, async (bytes) => {
        errors.keep(bytes);
        await output(bytes);
      }),
    ]);
    try {
      const exit = await process.exited;
      await enclosed.emptied();
      await reading;
      if (failures.length > 0) throw failures[0];
      if (ended === 'exited' && enclosed.neverStarted(exit)) throw notStarted(exit, errors.bytes());
      if (ended === 'exited' && exit.exitCode === undefined) ended = 'killed';
      return { exitCode: ended === 'exited' ? exit.exitCode : undefined, ended, stdout: captured.bytes() };
    } finally {
      clearTimeout(timer);
      command.signal?.removeEventListener('abort', kill);
    }
  }
}

/** Reads a stream to its end, one piece at a time. After a failure the rest is thrown away. */
async function drain(
  stream: Readable,
  take: (bytes: Uint8Array) => void | Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  let failed = false;
  try {
    for await (const bytes of stream) {
      if (failed) continue;
      try {
        await take(bytes);
      } catch (error) {
        failed = true;
        onFailure(error);
      }
    }
  } catch {
    // The stream was cut off (mode none, a process outlived its command): what came is what there is.
  }
}

/** One call at a time over both streams. */
function inTurn(onOutput: Command['onOutput']): (bytes: Uint8Array) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (bytes) => {
    const turn = last.then(() => onOutput(bytes));
    last = turn.catch(() => {});
    return turn;
  };
}

function capture(limitBytes: number) {
  const chunks: Uint8Array[] = [];
  let total = 0;
  return {
    take(bytes: Uint8Array): void {
      total += bytes.length;
      if (total > limitBytes) {
        throw new GatehouseError('too_large', `The command wrote more than ${limitBytes} bytes to standard output`);
      }
      chunks.push(bytes);
    },
    keep(bytes: Uint8Array): void {
      if (total >= limitBytes) return;
      chunks.push(bytes.subarray(0, limitBytes - total));
      total += bytes.length;
    },
    bytes: () => Buffer.concat(chunks),
  };
}

function notStarted(exit: ProcessExit, errors: Uint8Array): GatehouseError {
  const said = Buffer.from(errors).toString('utf8').trim();
  const why = exit.startError ?? (said === '' ? `its launcher ended with ${exit.exitCode ?? exit.signal}` : said);
  return new GatehouseError('unavailable', `The sandbox could not be made: ${why}`);
}
