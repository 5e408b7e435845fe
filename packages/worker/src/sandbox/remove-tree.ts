import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { launcherPath } from './bubblewrap-enclosure.ts';

const run = promisify(execFile);

/** A run may leave as many files as its disk has room for. */
const timeoutMs = 5 * 60_000;

/**
 * Removes a folder with all that a run has left in it. By a process of its own: of millions of files this one would have
 * a list in its memory, and do little else meanwhile. Nor can Node walk into folders that their owner may not read, which
 * matters to a worker that is not root, or along names longer than a path may be; coreutils go from folder to folder, and
 * follow no link below the root. Throws what stands in the way.
 */
export async function removeTree(root: string): Promise<void> {
  const isThere = await lstat(root).catch((error: NodeJS.ErrnoException) => error.code !== 'ENOENT');
  if (isThere === false) return;
  try {
    await change('rm', '-rf', '--', root);
  } catch {
    await openTree(root);
    await change('rm', '-rf', '--', root);
  }
}

/** Makes all of them their owner's to read and change, and takes set-user-id and set-group-id off it. */
export async function openTree(...roots: string[]): Promise<void> {
  await change('chmod', '-R', '--', 'u+rwX,ug-s', ...roots);
}

async function change(command: string, ...argv: string[]): Promise<void> {
  await run(command, argv, { env: { PATH: launcherPath }, cwd: '/', timeout: timeoutMs });
}
