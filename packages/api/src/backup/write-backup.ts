import { link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { create } from 'tar';
import { incomingFolder } from '../blobs/file-blob-store.ts';
import { withScratchFolder } from '../blobs/scratch.ts';
import { copyDatabase } from '../store/copy-database.ts';
import { blobsName, checksums, databaseName, type Manifest, manifestName } from './manifest.ts';

/**
 * Writes the installation at `dataDir` into one archive while the api runs. Blobs are linked, then the database is
 * copied, then blobs are linked again. The api writes a blob before the row that names it, and drops it after the row:
 * the first links keep what is dropped meanwhile, the second catch what came before the copy was taken. A link costs no
 * room, and no blob is ever changed in place.
 */
export async function writeBackup(dataDir: string, archive: string, now: Date): Promise<Manifest> {
  const database = path.join(dataDir, databaseName);
  if (!(await exists(database))) {
    throw new GatehouseError('invalid_request', `There is no ${databaseName} in ${dataDir}: set GATEHOUSE_DATA_DIR.`);
  }
  if (await exists(archive)) throw new GatehouseError('invalid_request', `${archive} exists already.`);
  return withScratchFolder(path.join(dataDir, 'scratch'), async (folder) => {
    const linkBlobs = () => linkFiles(path.join(dataDir, blobsName), path.join(folder, blobsName));
    await linkBlobs();
    copyDatabase(database, path.join(folder, databaseName));
    await linkBlobs();
    const manifest: Manifest = {
      format: 1,
      createdAt: now.toISOString(),
      node: process.version,
      files: await checksums(folder),
    };
    await writeFile(path.join(folder, manifestName), JSON.stringify(manifest));
    await writeArchive(folder, archive);
    return manifest;
  });
}

/** Beside, synced, then renamed: a file of the archive's name is a whole archive. */
async function writeArchive(folder: string, archive: string): Promise<void> {
  const draft = `${archive}.part`;
  try {
    // It is made by us, with our mode, before tar writes into it: it holds names and password hashes in the clear.
    await (await open(draft, 'wx', 0o600)).close();
    const names = [manifestName, databaseName, blobsName];
    await create({ gzip: true, file: draft, cwd: folder, portable: true, strict: true }, names);
    const handle = await open(draft, 'r');
    await handle.sync();
    await handle.close();
    await rename(draft, archive);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function linkFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.name === incomingFolder) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await linkFiles(source, target);
    else await linkFile(source, target);
  }
}

async function linkFile(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Dropped since the folder was listed: no row of a later copy names it.
    if (code === 'ENOENT') return;
    if (code !== 'EEXIST') throw error;
    const found = await stat(source).catch(() => undefined);
    if (found === undefined || found.ino === (await stat(target)).ino) return;
    // Written anew between the two rounds.
    await rm(target);
    await linkFile(source, target);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
