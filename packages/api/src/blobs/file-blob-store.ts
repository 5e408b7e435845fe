import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type BlobContent, type BlobStore, checkBlobKey } from './blob-store.ts';

export const incomingFolder = 'incoming';
/** No write takes a day: what is older was left by a process that died. */
const abandonedAfterMs = 24 * 3600 * 1000;

/**
 * Blobs as files of one folder (mode 0700, files 0600): written beside, synced, then renamed, so that a reader sees a
 * whole blob or none. Makes the folder, and drops what a dead process left half-written.
 */
export async function openFileBlobStore(root: string): Promise<BlobStore> {
  const incoming = path.join(root, incomingFolder);
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await dropAbandoned(incoming);

  return {
    async put(key, content) {
      const file = fileOf(root, key);
      const draft = path.join(incoming, randomUUID());
      try {
        await writeSynced(draft, content);
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        await rename(draft, file);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      // Without this the rename itself may be lost with the host's power.
      await syncFolder(path.dirname(file));
    },
    async get(key) {
      const handle = await open(fileOf(root, key), 'r').catch(undefinedWhenMissing);
      return handle?.createReadStream({ highWaterMark: 256 * 1024 });
    },
    async has(key) {
      return (await stat(fileOf(root, key)).catch(undefinedWhenMissing)) !== undefined;
    },
    async delete(key) {
      await rm(fileOf(root, key), { force: true });
    },
  };
}

/** `kind/<shard>/<rest>`: 256 shards a kind keep folders short where there are millions of blobs. */
function fileOf(root: string, key: string): string {
  checkBlobKey(key);
  const [kind = '', ...rest] = key.split('/');
  const shard = createHash('sha256').update(key).digest('hex').slice(0, 2);
  return path.join(root, kind, shard, rest.join('+'));
}

/** Every key that there is, in no order. One that is dropped or written meanwhile may be among them or not. */
export async function* keysOfBlobs(root: string): AsyncGenerator<string> {
  for (const kind of await foldersIn(root)) {
    if (kind === incomingFolder) continue;
    for (const shard of await foldersIn(path.join(root, kind))) {
      for (const name of await readdir(path.join(root, kind, shard))) yield `${kind}/${name.replaceAll('+', '/')}`;
    }
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function writeSynced(file: string, content: BlobContent): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function dropAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const file = path.join(incoming, name);
    const found = await stat(file).catch(undefinedWhenMissing);
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(file, { force: true });
  }
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
