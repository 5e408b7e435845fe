import type { Readable } from 'node:stream';
import { parseForeignJson } from '@gatehouse/shared/foreign-json';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { z } from 'zod';
import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';

/** A state in terraform's JSON for other programs (`terraform show -json`), which clients may send beside it. */

export const maxStateJsonBytes = 64 * 1024 * 1024;

const stateJsonSchema = z.looseObject({ format_version: z.string() });

/** Throws `invalid_request`, without a piece of it: it holds the same secrets as the state. */
export function requireStateJson(bytes: Uint8Array): void {
  let parsed: unknown;
  try {
    parsed = parseForeignJson(bytes);
  } catch {
    // Not JSON, not UTF-8, or more than can be read; said below. The parser's message would repeat a piece of it.
  }
  if (!stateJsonSchema.safeParse(parsed).success) {
    throw new GatehouseError('invalid_request', 'What was sent as the JSON of a state is not one of terraform.');
  }
}

export async function openStateJson({ blobs }: { blobs: BlobStore }, stateVersionId: string): Promise<Readable> {
  const stream = await blobs.get(blobKeys.stateJson(stateVersionId));
  if (stream !== undefined) return stream;
  throw new GatehouseError('internal', `The JSON of state version ${stateVersionId} is gone.`);
}
