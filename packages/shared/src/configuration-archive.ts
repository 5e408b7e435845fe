import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type ReadEntry, Unpack } from 'tar';
import { ArchiveTree, type EntryKind, refuse, shownName } from './archive-tree.ts';
import { isGatehouseError } from './gatehouse-error.ts';

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
  const tree = new ArchiveTree(archiveLimits);
  let refusal: unknown;
  const unpack = new Unpack({
    cwd: directory,
    strict: true,
    preserveOwner: false,
    maxDepth: archiveLimits.depth,
    filter(name, given) {
      if (refusal !== undefined) return false;
      // Unpack calls its filter with archive entries; the type also admits file stats, which `create` uses.
      const entry = given as ReadEntry;
      try {
        const kind = kindOf(name, entry);
        tree.add(name, kind, entry.linkpath);
        // Nothing set-id, and nothing that its own user cannot read or drop.
        entry.mode = ((entry.mode ?? 0) & 0o777) | (kind === 'folder' ? 0o700 : 0o600);
        return kind !== 'link';
      } catch (error) {
        // Thrown from here, it would leave Unpack without an end.
        refusal = error;
        return false;
      }
    },
  });
  unpack.on('error', (error: unknown) => {
    refusal ??= error;
  });
  try {
    await writeAll(
      untilRefused(unpackedBytes(archiveFile), () => refusal),
      unpack,
    );
    // What was found only while the last of it was written.
    if (refusal !== undefined) throw refusal;
    await makeLinks(directory, tree);
  } catch (cause) {
    if (isGatehouseError(cause) || isOfTheSystem(cause)) throw cause;
    throw refuse(`it is not a readable tar.gz (${wordsOf(cause)})`, cause);
  }
}

/** Last, so that nothing is written through a link. Unpack waits for ever over a link whose target is called like its folder. */
async function makeLinks(directory: string, tree: ArchiveTree): Promise<void> {
  for (const [name, target] of tree.links) {
    const link = path.join(directory, name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(target, link);
  }
}

/** A full disk is not the archive's fault; a name that no disk takes is. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && codeOf(error) !== 'ENAMETOOLONG';
}

/** What the system says has our folder in it. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'syscall' in error ? `${codeOf(error)}` : error.message;
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}

/** Throws the refusal in place of what would follow. */
async function* untilRefused(source: AsyncIterable<Buffer>, refusal: () => unknown): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    if (refusal() !== undefined) break;
    yield chunk;
  }
  if (refusal() !== undefined) throw refusal();
}

/**
 * By hand and not by `pipeline`: Unpack is no Node stream. Ends only when nothing is being written any more, also when it
 * fails: whoever drops the folder then would meet new files in it.
 */
async function writeAll(source: AsyncIterable<Buffer>, unpack: Unpack): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    unpack.on('close', resolve);
    // Without its folder Unpack writes nothing, and never closes.
    unpack.on('error', (error) => {
      if (error instanceof Error && error.name === 'CwdError') resolve();
    });
  });
  let isOver = false;
  unpack.on('eof', () => {
    isOver = true;
  });
  try {
    for await (const chunk of source) {
      // Unpack keeps what follows the archive's end and copies all of it for each chunk: 32 MiB of zeros took a minute.
      if (isOver) continue;
      // An error ends the waiting as well; the next look at the source throws it.
      if (!unpack.write(chunk)) await Promise.race([once(unpack, 'drain').catch(() => undefined), closed]);
    }
  } finally {
    unpack.end();
    await closed;
  }
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

function kindOf(name: string, { type }: ReadEntry): EntryKind {
  if (type === 'SymbolicLink') return 'link';
  if (!plainTypes.includes(type)) {
    throw refuse(`"${shownName(name)}" is a ${type}; only files, folders and inner links may be`);
  }
  return type === 'File' || type === 'OldFile' ? 'file' : 'folder';
}

function mebibytes(bytes: number): number {
  return bytes / 1024 / 1024;
}
