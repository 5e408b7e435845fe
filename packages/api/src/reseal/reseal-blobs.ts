import type { Readable } from 'node:stream';
import { isSealedWith, type Sealer } from '@gatehouse/shared/seal';
import { type BlobStore, readBlob } from '../blobs/blob-store.ts';
import { keysOfBlobs, openFileBlobStore } from '../blobs/file-blob-store.ts';
import { sealedBlobs } from '../blobs/sealed-blobs.ts';

/** Sealed by workers, so that the api cannot read them: one piece each, and no other seal around it. */
const sealedByWorkers = 'plan-artifacts/';

/**
 * Writes every blob anew that was sealed with another key than the current one; gives their number. Each is replaced
 * whole, so that a reader, or a crash, finds the old one or the new one.
 */
export async function resealBlobs(root: string, sealer: Sealer): Promise<number> {
  const store = await openFileBlobStore(root);
  const opened = sealedBlobs(store, sealer);
  let count = 0;
  for await (const key of keysOfBlobs(root)) {
    if (await isCurrent(store, key, sealer)) continue;
    const content = key.startsWith(sealedByWorkers) ? await resealWhole(store, key, sealer) : await opened.get(key);
    // Dropped since it was listed.
    if (content === undefined) continue;
    await (key.startsWith(sealedByWorkers) ? store : opened).put(key, content);
    count += 1;
  }
  return count;
}

async function resealWhole(store: BlobStore, key: string, sealer: Pick<Sealer, 'reseal'>): Promise<Buffer | undefined> {
  const content = await readBlob(store, key);
  const resealed = content && (await sealer.reseal(content.toString()));
  return resealed === undefined ? undefined : Buffer.from(resealed);
}

/** By its first piece: a blob is written by one process with one key. */
async function isCurrent(store: BlobStore, key: string, { keyId }: Pick<Sealer, 'keyId'>): Promise<boolean> {
  const stream = await store.get(key);
  return stream === undefined || isSealedWith(await beginningOf(stream), keyId);
}

/** Its first bytes, with the header of the first piece in them. */
async function beginningOf(stream: Readable): Promise<string> {
  for await (const chunk of stream) return String(chunk);
  return '';
}
