import { chmod, lchown, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Identity } from './listen.ts';
import { openTree } from './remove-tree.ts';

const setIdBits = 0o6000;

/** Gives a tree to the run's identity. Links are changed themselves, never followed. Call only while nothing runs in it. */
export async function giveTree(root: string, owner: Identity): Promise<void> {
  for await (const path of walk(root)) await lchown(path, owner.uid, owner.gid);
}

/**
 * Takes set-user-id and set-group-id off everything a run left behind: a setuid program in a work folder would run as
 * the run's host uid for anyone on the host. Call only after the run has ended.
 */
export async function clearSetIdBits(root: string): Promise<void> {
  try {
    await clearWalking(root);
  } catch {
    // A folder that we may not read, or a name longer than a path.
    await openTree(root);
  }
}

async function clearWalking(root: string): Promise<void> {
  for await (const path of walk(root)) {
    const { mode } = await lstat(path);
    const isLink = (mode & 0o170000) === 0o120000;
    // Of links the mode means nothing, and chmod would follow them.
    if (!isLink && (mode & setIdBits) !== 0) await chmod(path, mode & 0o1777);
  }
}

/** Whether the identity can walk to `path`: bwrap opens its sources as that user. */
export async function canReach(path: string, identity: Identity): Promise<boolean> {
  let folder = dirname(await realpath(path));
  for (;;) {
    if (!(await canWalk(folder, identity))) return false;
    if (folder === '/') return true;
    folder = dirname(folder);
  }
}

/** Whether the identity can walk through this one folder, wherever it is. */
export async function canWalk(folder: string, { uid, gid }: Identity): Promise<boolean> {
  const { uid: owner, gid: group, mode } = await stat(folder);
  const execute = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & execute) !== 0;
}

async function* walk(root: string): AsyncGenerator<string> {
  yield root;
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}
