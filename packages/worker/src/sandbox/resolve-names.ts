import { execFile } from 'node:child_process';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { Resolve } from '@gatehouse/shared/address-guard';
import { launcherPath } from './bubblewrap-enclosure.ts';

const run = promisify(execFile);

/** Look-ups of one run at the same time; terraform does ten things at once, mostly at few names. */
const maxAtOnce = 8;
/** Look-ups of one run that wait for one of these; further ones fail at once. */
const maxWaiting = 256;
/** glibc gives a silent server 5 s and asks twice; a second server is worth a first try. */
const timeoutMs = 12_000;
/** Hundreds of addresses. */
const maxAnswerBytes = 64 * 1024;

export type ResolverOptions = {
  /** Aborted: every look-up, and those that wait, end at once. */
  signal?: AbortSignal;
  command?: string;
  maxAtOnce?: number;
  maxWaiting?: number;
  timeoutMs?: number;
};

/**
 * The machine's own resolver (hosts file, search domains and all) for the names of one run, in processes that can be
 * ended: look-ups within the worker share two threads, so that slow names of one run would keep all others waiting.
 * Rejects when a name has no address, after `timeoutMs`, when too many wait, and when it is aborted.
 */
export function createResolver(options: ResolverOptions = {}): Resolve {
  const { command = 'getent', signal } = options;
  const limits = { maxAtOnce, maxWaiting, timeoutMs, ...options };
  let running = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (running >= limits.maxAtOnce) {
      if (waiting.length >= limits.maxWaiting) throw new Error('Too many names are looked up at once.');
      await new Promise<void>((resume) => waiting.push(resume));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return (host) =>
    inTurn(async () => {
      signal?.throwIfAborted();
      const { stdout } = await run(command, ['ahosts', '--', host], {
        env: { PATH: launcherPath },
        cwd: '/',
        timeout: limits.timeoutMs,
        killSignal: 'SIGKILL',
        signal,
        maxBuffer: maxAnswerBytes,
      });
      return addressesIn(stdout);
    });
}

/** An address has a line for each type of socket: `192.0.2.1 STREAM example.com`. */
function addressesIn(answer: string): string[] {
  const addresses = answer.split('\n').map((line) => line.split(/\s/, 1)[0] ?? '');
  return [...new Set(addresses)].filter((address) => isIP(address) !== 0);
}
