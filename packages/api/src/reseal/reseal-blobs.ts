import type { Readable } from 'node:stream';
import { isSealedWith, type Sealer } from '@gatehouse/shared/seal';
import { type BlobStore, readBlob } from '../blobs/blob-store.ts';
import { keysOfBlobs, openFileBlobStore } from '../blobs/file-blob-store.ts';
import { sealedBlobs } from '../blobs/sealed-blobs.ts';

/** What workers seal before they hand it in, so that the api cannot read it: it is sealed twice. */
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
    const isReplaced = key.startsWith(sealedByWorkers)
      ? await replaceTwofold(opened, key, sealer, await isCurrent(store, key, sealer))
      : !(await isCurrent(store, key, sealer)) && (await replace(opened, key));
    if (isReplaced) count += 1;
  }
  return count;
}

async function replace(blobs: BlobStore, key: string): Promise<boolean> {
  const content = await blobs.get(key);
  // Dropped since it was listed.
  if (content === undefined) return false;
  await blobs.put(key, content);
  return true;
}

async function replaceTwofold(
  blobs: BlobStore,
  key: string,
  sealer: Pick<Sealer, 'reseal'>,
  isOuterCurrent: boolean,
): Promise<boolean> {
  const content = await readBlob(blobs, key);
  if (content === undefined) return false;
  const resealed = await sealer.reseal(content.toString());
  if (resealed === undefined && isOuterCurrent) return false;
  await blobs.put(key, resealed === undefined ? content : Buffer.from(resealed));
  return true;
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
