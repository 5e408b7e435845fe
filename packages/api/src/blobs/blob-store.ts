import type { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

export type BlobContent = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Where bytes lie that are too large for a row: configurations, states, plans, logs. A blob is written once, whole or
 * not at all, and read often. A folder is one store (`file-blob-store.ts`); an object store would be another.
 */
export type BlobStore = {
  /** Writes the blob, in place of one of the same key. When it resolves the bytes survive a crash of the host. */
  put(key: string, content: BlobContent): Promise<void>;
  /** Undefined when there is none. The caller reads the stream to its end or destroys it. */
  get(key: string): Promise<Readable | undefined>;
  has(key: string): Promise<boolean>;
  /** Nothing happens when there is none. */
  delete(key: string): Promise<void>;
};

/** Every key that there is; each begins with its kind, so that a folder, or a bucket's prefix, holds one kind only. */
export const blobKeys = {
  configuration: (configurationVersionId: string) => `configurations/${configurationVersionId}`,
  state: (stateVersionId: string) => `states/${stateVersionId}`,
  /** The same in terraform's JSON for other programs, where a client sent it. */
  stateJson: (stateVersionId: string) => `state-json/${stateVersionId}`,
  /** The last state of a run that was refused. */
  erroredState: (runId: string) => `errored-states/${runId}`,
  planArtifact: (runId: string) => `plan-artifacts/${runId}`,
  planJson: (runId: string) => `plan-json/${runId}`,
  providerSchemas: (runId: string) => `provider-schemas/${runId}`,
  /** Beside the segments: where its sections begin, and which bytes are Gatehouse's own. */
  logIndex: (runId: string, phase: string) => `log-indexes/${runId}/${phase}`,
  logSegment: (runId: string, phase: string, index: number) => `logs/${runId}/${phase}/${index}`,
} as const;

const keyPattern = /^[a-z][a-z-]*(?:\/[A-Za-z0-9][A-Za-z0-9-]*){1,3}$/;

/** A key never holds what a person typed, so one that is not of our form is a defect: `internal`. */
export function checkBlobKey(key: string): void {
  if (key.length > 200 || !keyPattern.test(key)) throw new GatehouseError('internal', `"${key}" is no key of a blob.`);
}

/** All bytes of a blob that is known to be small enough for memory; undefined when there is none. */
export async function readBlob(blobs: Pick<BlobStore, 'get'>, key: string): Promise<Buffer | undefined> {
  const stream = await blobs.get(key);
  if (stream === undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
