import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import { extract, type ReadEntry } from 'tar';
import { runVariablesContext } from '../services/create-run.ts';
import { variableContext } from '../services/set-variable.ts';
import { sampleSealed } from '../store/copy-database.ts';
import { checksums, databaseName, type Manifest, manifestName, manifestSchema } from './manifest.ts';

/**
 * Brings an archive of `writeBackup` back into `dataDir`, which must be empty or missing. All of it is unpacked beside,
 * held against its checksums and tried with the key first, and then moved into place at once: until then nothing is
 * where an api would look. `isKeyTried` is false when the archive holds nothing sealed.
 */
export async function restoreBackup(
  archive: string,
  dataDir: string,
  sealer: Sealer,
): Promise<{ manifest: Manifest; isKeyTried: boolean }> {
  if (!(await stat(archive).catch(() => undefined))?.isFile()) {
    throw new GatehouseError('invalid_request', `${archive} is no file that can be read.`);
  }
  await requireEmpty(dataDir);
  await mkdir(path.dirname(dataDir), { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(`${dataDir}.restoring-`);
  try {
    await unpack(archive, folder);
    const manifest = await verify(folder);
    const isKeyTried = await tryKey(path.join(folder, databaseName), sealer);
    await rm(path.join(folder, manifestName));
    // A rename takes the place of an empty folder, and fails on any other.
    await rename(folder, dataDir);
    return { manifest, isKeyTried };
  } catch (error) {
    // What was begun may still be written.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    throw error;
  }
}

async function requireEmpty(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0) {
    throw new GatehouseError(
      'invalid_request',
      `${dataDir} is not empty. Restore into an empty folder; nothing was changed.`,
    );
  }
}

async function unpack(archive: string, folder: string): Promise<void> {
  let unfit: Error | undefined;
  try {
    await extract({
      file: archive,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      filter(name, entry) {
        // `extract` calls its filter with archive entries; the type also admits file stats, which `create` uses.
        const { type } = entry as ReadEntry;
        if (type !== 'File' && type !== 'Directory') unfit ??= new Error(`${name} is a ${type}.`);
        // Thrown from here, it would reach nobody, and leave `extract` without an end.
        return unfit === undefined;
      },
    });
    if (unfit !== undefined) throw unfit;
  } catch (cause) {
    throw damaged('it cannot be unpacked to its end', cause);
  }
}

async function verify(folder: string): Promise<Manifest> {
  const text = await readFile(path.join(folder, manifestName), 'utf8').catch(() => undefined);
  if (text === undefined) throw damaged(`it has no ${manifestName}`);
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success) throw damaged(`its ${manifestName} is not of a form that this Gatehouse knows`);
  const found = new Map((await checksums(folder)).map((file) => [file.path, file]));
  for (const file of parsed.data.files) {
    if (!isDeepStrictEqual(found.get(file.path), file))
      throw damaged(`${file.path} is missing or not what was written`);
  }
  if (found.size !== parsed.data.files.length) throw damaged('it has files that its manifest does not name');
  if (!found.has(databaseName)) throw damaged('it has no database');
  return parsed.data;
}

async function tryKey(database: string, sealer: Sealer): Promise<boolean> {
  const samples = sampleSealed(database);
  for (const { table, id, sealed } of samples) {
    const context = table === 'runs' ? runVariablesContext(id) : variableContext(id);
    await sealer.unseal(sealed, context).catch((cause: unknown) => {
      throw new GatehouseError(
        'unauthorized',
        'The sealing key does not open this backup. Give the key that the api had then; nothing was changed.',
        { cause },
      );
    });
  }
  return samples.length > 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('invalid_request', `The backup is damaged: ${why}. Nothing was changed.`, { cause });
}
