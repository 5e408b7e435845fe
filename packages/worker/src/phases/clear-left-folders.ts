import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { isGone } from '../sandbox/owning-process.ts';
import { readFileSafely, UnsafeFile } from '../sandbox/read-file-safely.ts';
import { removeTree } from '../sandbox/remove-tree.ts';
import { isStored, readFolderOwner } from './folder-owner.ts';
import type { KeptStates } from './kept-states.ts';
import { longestState } from './run-folders.ts';
import { isWholeState } from './state-watch.ts';

/** Undefined: there is none, or the run has left a link or a pipe in its place. */
async function readState(root: string, file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFileSafely(root, path.join(root, file), longestState);
  } catch (error) {
    // One that is too large may be a state: it stays for a person.
    if (error instanceof UnsafeFile && error.code === 'forbidden') return undefined;
    throw error;
  }
}

/**
 * Removes the folders of runs whose worker died, by SIGKILL or with the machine. A state in one that the api does not have
 * is kept for a person first. Other workers may work in the same place: theirs are left alone.
 */
export async function clearLeftFolders(
  workDir: string,
  { keptStates, logger }: { keptStates: KeptStates; logger: Logger },
): Promise<void> {
  const names = await readdir(workDir).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith('claim-'))) {
    const root = path.join(workDir, name);
    const owner = await readFolderOwner(root);
    if (owner === undefined || !(await isGone(owner))) continue;
    try {
      const state = await readState(root, owner.stateFile);
      if (state !== undefined && isWholeState(state) && !(await isStored(root, state))) {
        await keptStates.keep(owner.runId, state);
      }
      await removeTree(root);
      logger.info({ runId: owner.runId, claimId: name }, 'the folder of a worker that died was removed');
    } catch (error) {
      logger.error({ err: error, runId: owner.runId, claimId: name }, 'the folder of a worker that died stays');
    }
  }
}
