import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { isGone, owningProcess, readOwner } from './owning-process.ts';
import { removeTree } from './remove-tree.ts';
import { runFolderPrefix } from './run-folder.ts';

/**
 * Removes sandboxes' own folders (`run-folder.ts`) whose worker died, by SIGKILL or with the machine. `base` may be open to
 * everybody: a folder counts when it is this user's own and says whose it was.
 */
export async function clearLeftRunFolders(base: string, logger: Logger): Promise<void> {
  const names = await readdir(base).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(runFolderPrefix))) {
    const root = join(base, name);
    if (!(await isOwnFolder(root))) continue;
    const owner = await readOwner(root, owningProcess);
    if (owner === undefined || !(await isGone(owner))) continue;
    try {
      await removeTree(root);
      logger.info({ folder: root }, 'the folder of a sandbox whose worker died was removed');
    } catch (error) {
      logger.error({ err: error, folder: root }, 'the folder of a worker that died stays');
    }
  }
}

/** Of no other user, who could lead astray whoever removes it, and no link. */
async function isOwnFolder(root: string): Promise<boolean> {
  const found = await lstat(root).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}
