import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

/** What a run has left where a file was to be read. The message names the file as the run knows it, without the host's path. */
export class UnsafeFile extends GatehouseError {}

/**
 * Reads a file that a run may have written, while the run may still write: a link anywhere on the way, a pipe, a device
 * or a file above `maxBytes` is refused, so a link to a file of the host never leads the worker there.
 * `undefined` when there is no such file. Throws `UnsafeFile`: `forbidden` for what is not a plain file below `root`, `too_large`
 * above the cap.
 */
export async function readFileSafely(root: string, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const below = relative(root, path);
  if (!isBelow(path, root)) throw refused(below, 'it lies outside the folder of the run');
  let file: FileHandle;
  try {
    // O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
    file = await open(join(root, below), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw refused(below, 'it is a link or cannot be opened', error);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw refused(below, 'it is not a plain file');
    // Replaced by a rename since it was opened: the next look finds the new one.
    if (stat.nlink === 0) return undefined;
    // O_NOFOLLOW guards the last name only. What was opened in truth is known to the kernel.
    const opened = await readlink(`/proc/self/fd/${file.fd}`);
    if (opened !== join(await realpath(root), below)) throw refused(below, 'a folder on the way to it is a link');
    if (stat.size > maxBytes) throw tooLarge(below, maxBytes);
    return await readUpTo(file, stat.size, maxBytes, below);
  } finally {
    await file.close();
  }
}

export function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..');
}

async function readUpTo(file: FileHandle, size: number, maxBytes: number, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.max(size - total, 0) + 4_096));
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    // It may have grown since stat.
    if (total > maxBytes) throw tooLarge(name, maxBytes);
  }
}

function refused(name: string, why: string, cause?: unknown): UnsafeFile {
  return new UnsafeFile('forbidden', `Refused to read ${name}: ${why}`, { cause });
}

function tooLarge(name: string, maxBytes: number): UnsafeFile {
  return new UnsafeFile('too_large', `Refused to read ${name}: it is larger than ${maxBytes} bytes`);
}
