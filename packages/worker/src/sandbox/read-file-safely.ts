import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

/**
 * Reads a file that a run may have written, while the run may still write: a link anywhere on the way, a pipe, a device
 * or a file above `maxBytes` is refused, so a link to a file of the host never leads the worker there.
 * `undefined` when there is no such file. Throws `forbidden` for what is not a plain file below `root`, `too_large` above the cap.
 */
export async function readFileSafely(root: string, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  if (!isBelow(path, root)) throw refused(path, 'it lies outside the folder of the run');
  const below = relative(root, path);
  let file: FileHandle;
  try {
    // O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
    file = await open(join(root, below), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw refused(path, 'it is a link or cannot be opened', error);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw refused(path, 'it is not a plain file');
    // Replaced by a rename since it was opened: the next look finds the new one.
    if (stat.nlink === 0) return undefined;
    // O_NOFOLLOW guards the last name only. What was opened in truth is known to the kernel.
    const opened = await readlink(`/proc/self/fd/${file.fd}`);
    if (opened !== join(await realpath(root), below)) throw refused(path, 'a folder on the way to it is a link');
    if (stat.size > maxBytes) throw tooLarge(path, maxBytes);
    return await readUpTo(file, stat.size, maxBytes, path);
  } finally {
    await file.close();
  }
}

export function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..');
}

async function readUpTo(file: FileHandle, size: number, maxBytes: number, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.max(size - total, 0) + 4_096));
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    // It may have grown since stat.
    if (total > maxBytes) throw tooLarge(path, maxBytes);
  }
}

function refused(path: string, why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('forbidden', `Refused to read ${path}: ${why}`, { cause });
}

function tooLarge(path: string, maxBytes: number): GatehouseError {
  return new GatehouseError('too_large', `Refused to read ${path}: it is larger than ${maxBytes} bytes`);
}
