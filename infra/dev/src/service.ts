import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { warningIn } from './log-line.ts';

/** One process of the stack. */
export type Service = {
  name: string;
  pid: number;
  logFile: string;
  /** How it ended, as words; never rejects. */
  exited: Promise<string>;
  hasExited(): boolean;
  /** SIGTERM, and SIGKILL when it is still there after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  kill(): Promise<void>;
};

export type ServiceOptions = {
  name: string;
  command: readonly [string, ...string[]];
  /** The whole environment. */
  environment: Record<string, string>;
  logFolder: string;
  onWarning: (line: string) => void;
  /** Hears every line of its output. */
  onLine?: (line: string) => void;
};

const largestLogBytes = 20 * 1024 * 1024;

/**
 * Starts a program that ends with this process: by `PR_SET_PDEATHSIG` the kernel kills it when the launcher goes without
 * a word. It gets a session of its own, so that Ctrl-C in the terminal reaches the launcher alone, which then ends
 * everything in order.
 */
export function startService(options: ServiceOptions): Service {
  const logFile = path.join(options.logFolder, `${options.name}.log`);
  setAsideWhenLarge(logFile);
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...options.command], {
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // A full disk must not end the stack; the process itself goes on.
  log.on('error', (error) => options.onWarning(`${options.name}: its log cannot be written: ${error.message}`));
  for (const [stream, isErrors] of [
    [child.stdout, false],
    [child.stderr, true],
  ] as const) {
    eachLine(stream, (line) => {
      log.write(`${line}\n`);
      options.onLine?.(line);
      const warning = warningIn(line, isErrors);
      if (warning !== undefined) options.onWarning(`${options.name}: ${warning}`);
    });
  }
  let exitedBy: string | undefined;
  const exited = describeExit(child).then((how) => {
    exitedBy = how;
    log.end();
    return `${options.name} ${how}`;
  });
  const signal = (name: NodeJS.Signals) => {
    if (exitedBy === undefined) child.kill(name);
  };
  return {
    name: options.name,
    pid: child.pid ?? 0,
    logFile,
    exited,
    hasExited: () => exitedBy !== undefined,
    async stop(graceMs = 10_000) {
      signal('SIGTERM');
      const timer = new AbortController();
      const late = delay(graceMs, undefined, { signal: timer.signal }).then(() => {
        options.onWarning(`${options.name} did not stop within ${graceMs / 1000} s and is killed.`);
        signal('SIGKILL');
      });
      late.catch(() => undefined);
      await exited;
      timer.abort();
    },
    async kill() {
      signal('SIGKILL');
      await exited;
    },
  };
}

function eachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', take);
}

/** `close`, not `exit`: only then has all of its output been read. */
function describeExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });
}

function setAsideWhenLarge(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > largestLogBytes) renameSync(file, `${file}.old`);
}
