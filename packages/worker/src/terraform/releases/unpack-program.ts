import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type Entry, openPromise } from 'yauzl';

const fileTypeMask = 0o170000;
const regularFile = 0o100000;
/** Licence, readme, change log: an archive of thousands is none of these. */
const mostEntries = 100;

/**
 * Takes one program out of a zip, by its exact name in the archive's root; nothing else is written. Throws `unavailable`
 * when it is not there, is no plain file, or is larger than allowed, and when any name of the archive climbs out.
 */
export async function unpackProgram(
  archive: string,
  { program, to, maxBytes }: { program: string; to: string; maxBytes: number },
): Promise<void> {
  try {
    const zip = await openPromise(archive, { lazyEntries: true, strictFileNames: true, autoClose: false });
    try {
      if (zip.entryCount > mostEntries) throw refused(`holds ${zip.entryCount} files`);
      let found: Entry | undefined;
      // To the end: the names behind it are checked as well.
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName !== program) continue;
        if (found !== undefined) throw refused(`holds ${program} twice`);
        found = entry;
      }
      if (found === undefined) throw refused(`holds no ${program}`);
      if (!isPlainFile(found)) throw refused(`holds a ${program} that is no plain file`);
      // What is said here is held to while it is read.
      if (found.uncompressedSize > maxBytes) throw refused(`holds a ${program} of ${found.uncompressedSize} bytes`);
      const source = await zip.openReadStreamPromise(found);
      await pipeline(source, createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }));
    } finally {
      zip.close();
    }
  } catch (error) {
    if (isGatehouseError(error) || isOfTheSystem(error)) throw error;
    throw refused(`cannot be unpacked (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

/** Made elsewhere than on Unix, an entry has no type: then its name, which ends in no slash, says that it is a file. */
function isPlainFile({ externalFileAttributes }: Entry): boolean {
  const type = (externalFileAttributes >>> 16) & fileTypeMask;
  return type === 0 || type === regularFile;
}

function refused(why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('unavailable', `the archive ${why}.`, { cause });
}

/** A full disk is not the archive's fault. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
