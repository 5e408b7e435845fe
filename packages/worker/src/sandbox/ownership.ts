import { lchown, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Identity } from './listen.ts';

/** Gives a tree to the run's identity. Links are changed themselves, never followed. Call only while nothing runs in it. */
export async function giveTree(root: string, owner: Identity): Promise<void> {
  for await (const path of walk(root)) await lchown(path, owner.uid, owner.gid);
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
