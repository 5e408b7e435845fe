import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** O_CLOEXEC as /proc/PID/fdinfo shows it. */
const closeOnExec = 0o2000000;

/** A process to start, its environment and inputs complete. */
export interface Launch {
  file: string;
  argv: readonly string[];
  environment: Readonly<Record<string, string>>;
  cwd: string;
  /** Bytes that the process reads from descriptors 3, 4, … */
  inputs: readonly Uint8Array[];
  /** Whether it gets one more descriptor, after the inputs, to write its status to. */
  status: boolean;
}

export interface RunningProcess {
  /** undefined when it could not be started. */
  pid: number | undefined;
  stdout: Readable;
  stderr: Readable;
  status: Readable | undefined;
  /** Writes all of standard input and ends it; nothing of it is there before. To a process that is gone: nothing. */
  feed: (input: Uint8Array) => void;
  /** Settles once the process has ended (its streams may still hold bytes); never rejects. */
  exited: Promise<ProcessExit>;
}

export interface ProcessExit {
  exitCode: number | undefined;
  signal: string | undefined;
  /** Why it could not be started. */
  startError: string | undefined;
}

/**
 * The one place that starts processes. Standard output is Node's own socket pair with nothing in between: a pipe could
 * be reopened through /proc/PID/fd by the run, to forge lines of terraform's own. Node's own `spawn`, because a start
 * blocks the worker, and a layer above it costs more than the start itself where descriptors are inherited.
 * Call from the main thread: `--die-with-parent` follows the thread that started the process.
 */
export function startProcess(launch: Launch): RunningProcess {
  const own = 3 + launch.inputs.length + (launch.status ? 1 : 0);
  let child: ChildProcess;
  try {
    child = spawn(launch.file, launch.argv, {
      cwd: launch.cwd,
      env: launch.environment,
      stdio: [...Array.from({ length: own }, () => 'pipe' as const), ...overInherited(own)],
      // Its own session: Ctrl-C in the worker's terminal must not reach bwrap, which any signal ends hard.
      detached: true,
    });
  } catch (error) {
    return unstarted(error);
  }
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined, startError: undefined });
    });
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ ...noExit, startError: codeOf(error) });
    });
  });
  for (const [at, stream] of child.stdio.entries()) {
    // Of a process that ends without reading its input, or whose output was cut off: none of our errors.
    stream?.on('error', () => {});
    const input = at < 3 ? undefined : at < own ? launch.inputs[at - 3] : nothing;
    if (input !== undefined && stream instanceof Writable) stream.end(input);
  }
  const status = launch.status ? child.stdio[own - 1] : undefined;
  return {
    pid: child.pid,
    // null only where the process could not be started.
    stdout: child.stdout ?? Readable.from([]),
    stderr: child.stderr ?? Readable.from([]),
    status: status instanceof Readable ? status : undefined,
    feed: (input) => child.stdin?.end(input),
    exited,
  };
}

const nothing = new Uint8Array();
const noExit = { exitCode: undefined, signal: undefined };

function unstarted(error: unknown): RunningProcess {
  const exited = Promise.resolve({ ...noExit, startError: codeOf(error) });
  const silent = { stdout: Readable.from([]), stderr: Readable.from([]), status: undefined };
  return { pid: undefined, ...silent, feed: () => {}, exited };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/**
 * Node closes its own descriptors in children, but not those that it inherited itself from whoever started the worker:
 * these would be open inside the run. An empty input is put in their place. Costs nothing where there are none.
 */
function overInherited(from: number): ('ignore' | 'pipe')[] {
  inheritedDescriptors ??= listInheritedDescriptors();
  const inherited = inheritedDescriptors.filter((fd) => fd >= from);
  const last = Math.max(from - 1, ...inherited);
  // For a descriptor above 2 'ignore' means: left as it is.
  return Array.from({ length: last - from + 1 }, (_, at) => (inherited.includes(from + at) ? 'pipe' : 'ignore'));
}

/** They came with the process, and Node opens none of the kind: one look, before the first start, tells of all. */
let inheritedDescriptors: readonly number[] | undefined;

function listInheritedDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fdinfo').map(Number).filter(isInheritable);
  } catch {
    // No Linux, so no sandbox either.
    return [];
  }
}

function isInheritable(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
    return (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false;
  }
}

/** Sends a signal to a process, or to its group when `pid` is negative. False when it is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * The run's command as the host counts: the reaper's child that is pid 2 inside. undefined when it has ended. Waits
 * while that process is still bwrap, that is for the few milliseconds before it becomes the command; one that calls
 * itself so is waited for no longer than `patienceMs`.
 */
export async function findCommand(reaper: number, patienceMs = 5_000): Promise<number | undefined> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const children = await readProc(`/proc/${reaper}/task/${reaper}/children`);
    if (children === undefined) return undefined;
    const found = await Promise.all(children.trim().split(/\s+/).filter(Boolean).map(describe));
    const command = found.find((child) => child?.insidePid === '2');
    const isOver = performance.now() > until;
    if (command !== undefined && (isOver || command.name !== 'bwrap')) return command.pid;
    if (isOver) return undefined;
    if (command === undefined && (await isDead(reaper, 0))) return undefined;
    await delay(2);
  }
}

/** Resolves when the process is dead, as a zombie at the latest; `false` after `patienceMs`. */
export async function isDead(pid: number, patienceMs: number): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const status = await readProc(`/proc/${pid}/status`);
    if (status === undefined || /^State:\s+[ZX]/m.test(status)) return true;
    if (performance.now() > until) return false;
    await delay(1);
  }
}

async function describe(pid: string): Promise<{ pid: number; name: string; insidePid: string } | undefined> {
  const status = await readProc(`/proc/${pid}/status`);
  const name = /^Name:\s+(.*)$/m.exec(status ?? '')?.[1];
  const insidePid = /^NSpid:.*\s(\d+)$/m.exec(status ?? '')?.[1];
  return name === undefined || insidePid === undefined ? undefined : { pid: Number(pid), name, insidePid };
}

async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
