import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { launcherPath } from './bubblewrap-enclosure.ts';

const run = promisify(execFile);

/** A run may leave as many files as its disk has room for. */
const timeoutMs = 5 * 60_000;

/**
 * Removes a folder with all that a run has left in it. Node cannot walk into folders that their owner may not read, which
 * matters to a worker that is not root, nor along names longer than a path may be; coreutils go from folder to folder, and
 * follow no link below the root. Throws what stands in the way of both.
 */
export async function removeTree(root: string): Promise<void> {
  try {
    await rm(root, { recursive: true, force: true });
  } catch {
    await openTree(root);
    await run('rm', ['-rf', '--', root], { env: { PATH: launcherPath }, timeout: timeoutMs });
  }
}

/** Makes all of it its owner's to read and change, and takes set-user-id and set-group-id off it. */
export async function openTree(root: string): Promise<void> {
  await run('chmod', ['-R', '--', 'u+rwX,ug-s', root], { env: { PATH: launcherPath }, timeout: timeoutMs });
}
