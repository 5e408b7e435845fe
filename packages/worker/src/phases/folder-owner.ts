import { createHash } from 'node:crypto';
import { readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Who works in a run's folder, so that another worker can tell whether that one is gone. */
export const folderOwner = z.strictObject({
  runId: z.string(),
  /** Below the folder. */
  stateFile: z.string(),
  createdAtMs: z.number(),
  /** A process is known by its id and the tick it started at (proc(5)), within this boot and these namespaces. */
  pid: z.int(),
  startedAtTick: z.string(),
  bootId: z.string(),
  pidNamespace: z.string(),
});
export type FolderOwner = z.infer<typeof folderOwner>;

/** Longer than any phase may take, the holding of its state included: whoever is not known is gone after this. */
const longestPhaseMs = 48 * 3_600_000;

export async function markOwner(root: string, of: { runId: string; stateFile: string }): Promise<void> {
  const owner: FolderOwner = {
    runId: of.runId,
    stateFile: path.relative(root, of.stateFile),
    createdAtMs: Date.now(),
    pid: process.pid,
    startedAtTick: (await startOf(process.pid)) ?? '',
    ...(await here()),
  };
  await writeFile(path.join(root, 'owner'), JSON.stringify(owner), { mode: 0o600 });
}

/** Undefined: the folder is nobody's that is known. */
export async function readOwner(root: string): Promise<FolderOwner | undefined> {
  const text = await readFile(path.join(root, 'owner'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return folderOwner.parse(JSON.parse(text));
  } catch {
    // Cut off by the death that makes it matter.
    return undefined;
  }
}

/** Of another machine, or another container, on the same disk only its age tells. */
export async function isGone(owner: FolderOwner): Promise<boolean> {
  const { bootId, pidNamespace } = await here();
  if (owner.bootId !== bootId || owner.pidNamespace !== pidNamespace) {
    return Date.now() - owner.createdAtMs > longestPhaseMs;
  }
  return (await startOf(owner.pid)) !== owner.startedAtTick;
}

/** The state that the api has, told by its checksum. */
export async function markStored(root: string, state: Uint8Array): Promise<void> {
  await writeFile(path.join(root, 'stored'), checksum(state), { mode: 0o600 });
}

export async function isStored(root: string, state: Uint8Array): Promise<boolean> {
  const stored = await readFile(path.join(root, 'stored'), 'utf8').catch(() => '');
  return stored === checksum(state);
}

function checksum(state: Uint8Array): string {
  return createHash('sha256').update(state).digest('hex');
}

async function here(): Promise<Pick<FolderOwner, 'bootId' | 'pidNamespace'>> {
  const [bootId, pidNamespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/pid'),
  ]);
  return { bootId: bootId.trim(), pidNamespace };
}

/** Field 22 of proc(5)'s stat; the name before it may hold spaces and brackets. Undefined: there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
