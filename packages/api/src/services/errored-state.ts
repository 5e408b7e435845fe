import type { Readable } from 'node:stream';
import { type BlobStore, blobKeys, readBlob } from '../blobs/blob-store.ts';

/** The last state of a run that could not become a state version: what terraform did stands only there. */

export async function keepErroredState({ blobs }: { blobs: BlobStore }, runId: string, bytes: Buffer): Promise<void> {
  const key = blobKeys.erroredState(runId);
  // A worker offers a state that was refused again and again.
  if ((await readBlob(blobs, key))?.equals(bytes)) return;
  await blobs.put(key, bytes);
}

/** A later state of the run was stored. */
export async function forgetErroredState({ blobs }: { blobs: BlobStore }, runId: string): Promise<void> {
  await blobs.delete(blobKeys.erroredState(runId));
}

/** Undefined: every state of the run was stored, or it made none. */
export async function openErroredState({ blobs }: { blobs: BlobStore }, runId: string): Promise<Readable | undefined> {
  return blobs.get(blobKeys.erroredState(runId));
}
