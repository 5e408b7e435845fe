import { execFile } from 'node:child_process';
import { chmod, lstat, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launcherPath } from './bubblewrap-enclosure.ts';

const run = promisify(execFile);

/** A run may leave as many files as its disk has room for. */
const timeoutMs = 5 * 60_000;
/** Entries of a tree that this process changes itself: as fast as starting one that does. */
const fewEntries = 500;

/**
 * Removes a folder with all that a run has left in it, when nothing of the run is alive. A large one by a process of its
 * own: of millions of files this one would have a list in its memory, and do little else meanwhile. Nor can Node walk into
 * folders that their owner may not read, which matters to a worker that is not root, along names longer than a path may
 * be, or to names that are no text; coreutils go from folder to folder, and follow no link below the root. Throws what
 * stands in the way.
 */
export async function removeTree(root: string): Promise<void> {
  const isThere = await lstat(root).catch((error: NodeJS.ErrnoException) => error.code !== 'ENOENT');
  if (isThere === false || (await isDone(removeFew(root)))) return;
  try {
    await change('rm', '-rf', '--', root);
  } catch {
    await openTree(root);
    await change('rm', '-rf', '--', root);
  }
}

/** Makes all of them their owner's to read and change, and takes set-user-id and set-group-id off it. */
export async function openTree(...roots: string[]): Promise<void> {
  if (await isDone(walkFew(roots, openEntry))) return;
  await change('chmod', '-R', '--', 'u+rwX,ug-s', ...roots);
}

async function removeFew(root: string): Promise<void> {
  await walkFew([root], async () => {});
  await rm(root, { recursive: true });
}

/** As `chmod u+rwX,ug-s` would, of what is no link. */
async function openEntry(path: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return;
  const mode = entry.mode & 0o7777;
  const runnable = entry.isDirectory() || (mode & 0o111) !== 0 ? 0o100 : 0;
  const opened = (mode | 0o600 | runnable) & ~0o6000;
  if (opened !== mode) await chmod(path, opened);
}

/** Each entry of the trees, a folder before what is in it. Throws when there are more than a few, or one cannot be read. */
async function walkFew(roots: readonly string[], visit: (path: string) => Promise<void>): Promise<void> {
  const left = roots.map((path) => ({ path, isFolder: true }));
  let found = left.length;
  for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
    await visit(entry.path);
    if (!entry.isFolder) continue;
    for await (const below of await opendir(entry.path)) {
      found += 1;
      if (found > fewEntries) throw new Error('These are more than a few.');
      left.push({ path: join(entry.path, below.name), isFolder: below.isDirectory() });
    }
  }
}

const isDone = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

async function change(command: string, ...argv: string[]): Promise<void> {
  await run(command, argv, { env: { PATH: launcherPath }, cwd: '/', timeout: timeoutMs });
}
