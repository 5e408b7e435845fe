// Test parts that play the worker as a process of its own, as root and as an unprivileged user.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { canReach } from '../../src/sandbox/ownership.ts';

export interface WorkerUser {
  name: string;
  /** Started through setpriv as this uid; undefined: as the user that runs the tests. */
  uid: number | undefined;
  /** The host uid that runs have below such a worker. */
  runUid: number;
}

/** The users that a worker can be on this machine. */
export async function workerUsers(): Promise<WorkerUser[]> {
  const own = process.getuid?.() ?? -1;
  if (own !== 0) return [{ name: 'unprivileged', uid: undefined, runUid: own }];
  const root = { name: 'root', uid: undefined, runUid: 31_000 };
  const identity = { uid: 31_001, gid: 31_001 };
  for (const path of [fileURLToPath(import.meta.url), process.execPath]) {
    if (!(await canReach(path, identity))) {
      console.warn(
        `SKIPPED: the sandbox under an unprivileged worker, because uid ${identity.uid} cannot reach ${path}`,
      );
      return [root];
    }
  }
  return [root, { name: 'unprivileged', uid: identity.uid, runUid: identity.uid }];
}

/** A descriptor that a careless parent might leave open. Node itself guards low ones, up to the first gap above 15. */
export const strayDescriptor = 40;

/** A Node program as that user, with `stray` open for it as `strayDescriptor`. */
export function startAs(user: WorkerUser, argv: readonly string[], stray?: number) {
  const node = [process.execPath, '--conditions=gatehouse-source', '--disable-warning=ExperimentalWarning', ...argv];
  const setpriv = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.uid}`, '--clear-groups', '--inh-caps=-all', '--'];
  const [file = '', ...rest] = user.uid === undefined ? node : [...setpriv, ...node];
  const gap = Array.from({ length: strayDescriptor - 3 }, () => 'ignore' as const);
  return spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit', ...gap, stray ?? 'ignore'] });
}

/** Its standard output. Throws when it does not end with 0. */
export async function runAs(user: WorkerUser, argv: readonly string[], stray: number): Promise<string> {
  const child = startAs(user, argv, stray);
  if (child.stdout === null) throw new Error('No standard output');
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (exitCode !== 0) throw new Error(`The program ended with ${exitCode}: ${output}`);
  return output;
}
