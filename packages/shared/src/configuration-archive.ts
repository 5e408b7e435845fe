import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type ReadEntry, Unpack } from 'tar';
import { GatehouseError, isGatehouseError } from './gatehouse-error.ts';

/** Limits of an uploaded configuration. A module tree is text; a provider binary does not belong in it. */
export const archiveLimits = {
  /** Compressed, as uploaded. */
  uploadBytes: 100 * 1024 * 1024,
  /** Unpacked, all files together: the bound against a decompression bomb. */
  unpackedBytes: 512 * 1024 * 1024,
  entries: 50_000,
  depth: 64,
} as const;

/**
 * Unpacks an uploaded tar.gz into `directory`, which must be new and empty. Refuses (`configuration_invalid`, with the
 * entry's name) what is no plain file, directory or inner symbolic link, what leads outside, and what is too much. Files
 * before the bad entry have been written then: the caller drops the directory.
 */
export async function unpackConfiguration(archiveFile: string, directory: string): Promise<void> {
  let entries = 0;
  const unpack = new Unpack({
    cwd: directory,
    strict: true,
    preserveOwner: false,
    maxDepth: archiveLimits.depth,
    filter(name, entry) {
      entries++;
      if (entries > archiveLimits.entries) throw refuse(`it has more than ${archiveLimits.entries} entries`);
      // Unpack calls its filter with archive entries; the type also admits file stats, which `create` uses.
      checkEntry(name, entry as ReadEntry);
      return true;
    },
  });
  try {
    await writeAll(unpackedBytes(archiveFile), unpack);
  } catch (cause) {
    if (isGatehouseError(cause)) throw cause;
    throw refuse(`it is not a readable tar.gz (${cause instanceof Error ? cause.message : 'unknown'})`, cause);
  }
}

/** By hand and not by `pipeline`: Unpack is no Node stream, and a filter that throws must end the reading at once. */
async function writeAll(source: AsyncIterable<Buffer>, unpack: Unpack): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    unpack.on('close', resolve);
    unpack.on('error', reject);
  });
  closed.catch(() => undefined); // Also awaited below; without this a throw in between leaves it unhandled.
  let isOver = false;
  unpack.on('eof', () => {
    isOver = true;
  });
  for await (const chunk of source) {
    // Unpack keeps what follows the archive's end and copies all of it for each chunk: 32 MiB of zeros took a minute.
    if (isOver) continue;
    if (!unpack.write(chunk)) await Promise.race([once(unpack, 'drain'), closed]);
  }
  unpack.end();
  await closed;
}

async function* unpackedBytes(archiveFile: string): AsyncGenerator<Buffer> {
  let length = 0;
  const compressed = createReadStream(archiveFile);
  const plain = createGunzip();
  const piping = pipeline(compressed, plain);
  piping.catch(() => undefined); // Its error arrives through `plain` as well.
  let head = Buffer.alloc(0);
  for await (const chunk of plain) {
    if (head.length < magicBytes) head = Buffer.concat([head, chunk.subarray(0, magicBytes)]);
    // Unpack would unpack once more by itself, past the count below.
    if (isCompressed(head)) throw refuse('it is compressed twice');
    length += chunk.length;
    if (length > archiveLimits.unpackedBytes)
      throw refuse(`it unpacks to more than ${mebibytes(archiveLimits.unpackedBytes)} MiB`);
    yield chunk;
  }
}

/** What gzip (RFC 1952) and Zstandard (RFC 8878) begin with; no name of a file does. */
const compressedMagics = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];
const magicBytes = 4;

function isCompressed(head: Buffer): boolean {
  return compressedMagics.some((magic) => head.subarray(0, magic.length).equals(magic));
}

const plainTypes: readonly string[] = ['File', 'OldFile', 'Directory', 'GNUDumpDir'];

function checkEntry(name: string, entry: ReadEntry): void {
  checkPath(name, name);
  if (plainTypes.includes(entry.type)) return;
  if (entry.type !== 'SymbolicLink')
    throw refuse(`"${name}" is a ${entry.type}; only files, folders and inner links may be`);
  const target = entry.linkpath ?? '';
  if (path.posix.isAbsolute(target)) throw refuse(`the link "${name}" leads to an absolute path`);
  // `..` after a name may step out through another link; in front it climbs real folders only.
  if (/[^./][^/]*\/(?:.*\/)?\.\.(?:\/|$)/.test(target)) throw refuse(`the link "${name}" leads through a ".."`);
  checkPath(path.posix.join(path.posix.dirname(name), target), name);
}

function checkPath(candidate: string, name: string): void {
  const normal = path.posix.normalize(candidate);
  if (path.posix.isAbsolute(candidate) || candidate.includes('\0') || normal === '..' || normal.startsWith('../')) {
    throw refuse(`"${name}" leads out of the archive`);
  }
  // A name may not even pass through `..`: extractors differ on what that means.
  if (candidate === name && candidate.split('/').includes('..')) throw refuse(`"${name}" holds a ".."`);
}

function refuse(why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('configuration_invalid', `The configuration archive was refused: ${why}.`, { cause });
}

function mebibytes(bytes: number): number {
  return bytes / 1024 / 1024;
}
