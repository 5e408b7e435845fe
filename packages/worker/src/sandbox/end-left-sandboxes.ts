import { readdir, readFile } from 'node:fs/promises';
import { inside } from './bubblewrap-profile.ts';
import { isDead, signalProcess } from './processes.ts';

/** The kernel ends all that is in a sandbox with its pid 1. */
const endingMs = 5_000;

/**
 * Ends sandboxes that have outlived their launcher, and gives their processes. bwrap asks the kernel to end it with its
 * parent only when it has made its mounts: one whose worker, or launcher, is killed before that, within the first
 * milliseconds, would stay for ever. Those that have a launcher, of this worker or another, are left alone.
 */
export async function endLeftSandboxes(): Promise<number[]> {
  const ended: number[] = [];
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids.map(Number)) {
    if (!(await isLeft(pid)) || !signalProcess(pid, 'SIGKILL')) continue;
    await isDead(pid, endingMs);
    ended.push(pid);
  }
  return ended;
}

/** The first process of a sandbox of ours, and its parent is no launcher of it any more. */
async function isLeft(pid: number): Promise<boolean> {
  const [status, parameters] = await Promise.all([read(pid, 'status'), argumentsOf(pid)]);
  if (parameters[0] !== 'bwrap' || !parameters.includes(inside.relay)) return false;
  const isFirst = /^NSpid:.*\s1$/m.test(status);
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  return isFirst && (await argumentsOf(parent))[0] !== 'bwrap';
}

async function argumentsOf(pid: number): Promise<string[]> {
  return (await read(pid, 'cmdline')).split('\0');
}

/** Empty for a process that is gone. */
const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
