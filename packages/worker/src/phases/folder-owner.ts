import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { owningProcess, readOwner, thisProcess, writeOwner } from '../sandbox/owning-process.ts';

/** Who works in a run's folder, and on what. */
const folderOwner = owningProcess.extend({
  runId: z.string(),
  /** Below the folder. */
  stateFile: z.string(),
});
export type FolderOwner = z.infer<typeof folderOwner>;

export async function markOwner(root: string, of: { runId: string; stateFile: string }): Promise<void> {
  const owner: FolderOwner = {
    runId: of.runId,
    stateFile: path.relative(root, of.stateFile),
    ...(await thisProcess()),
  };
  await writeOwner(root, owner);
}

/** Undefined: the folder is nobody's that is known. */
export async function readFolderOwner(root: string): Promise<FolderOwner | undefined> {
  return await readOwner(root, folderOwner);
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
