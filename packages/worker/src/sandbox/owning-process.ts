import { readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isDead } from './processes.ts';

/** Whose a folder is, so that another process can tell whether that one is gone. */
export const owningProcess = z.strictObject({
  createdAtMs: z.number(),
  /** A process is known by its id and the tick it started at (proc(5)), within this boot and these namespaces. */
  pid: z.int(),
  startedAtTick: z.string(),
  bootId: z.string(),
  pidNamespace: z.string(),
});
export type OwningProcess = z.infer<typeof owningProcess>;

/** Longer than any phase may take, the holding of its state included: whoever is not known is gone after this. */
const longestPhaseMs = 48 * 3_600_000;

export async function thisProcess(): Promise<OwningProcess> {
  // Kept once it is read, not while: a worker that lacks a descriptor for a moment must not be without it for good.
  const read = ourselves ?? { startedAtTick: (await startOf(process.pid)) ?? '', ...(await here()) };
  if (read.startedAtTick !== '') ourselves = read;
  return { createdAtMs: Date.now(), pid: process.pid, ...read };
}

/** Does not change. */
let ourselves: Omit<OwningProcess, 'createdAtMs' | 'pid'> | undefined;

/** Of another machine, or another container, on the same disk only its age tells. */
export async function isGone(owner: OwningProcess): Promise<boolean> {
  const { bootId, pidNamespace } = await here();
  if (owner.bootId !== bootId || owner.pidNamespace !== pidNamespace) {
    return Date.now() - owner.createdAtMs > longestPhaseMs;
  }
  // What is dead and not yet waited for still has its entry.
  return (await startOf(owner.pid)) !== owner.startedAtTick || (await isDead(owner.pid, 0));
}

/** Kept in a file of the folder that nobody else can read. */
export async function writeOwner(root: string, owner: OwningProcess): Promise<void> {
  await writeFile(join(root, 'owner'), JSON.stringify(owner), { mode: 0o600 });
}

/** Undefined: the folder is nobody's that is known. */
export async function readOwner<Owner extends OwningProcess>(
  root: string,
  schema: z.ZodType<Owner>,
): Promise<Owner | undefined> {
  const text = await readFile(join(root, 'owner'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // Cut off by the death that makes it matter.
    return undefined;
  }
}

async function here(): Promise<Pick<OwningProcess, 'bootId' | 'pidNamespace'>> {
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
