import type { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';

/** The archive as it was uploaded (tar.gz). Throws `configuration_missing` when there is none. */
export async function readConfiguration(
  { blobs }: { blobs: BlobStore },
  configurationVersionId: string,
): Promise<Readable> {
  const archive = await blobs.get(blobKeys.configuration(configurationVersionId));
  if (archive === undefined) {
    throw new GatehouseError(
      'configuration_missing',
      `Configuration version ${configurationVersionId} has no archive.`,
    );
  }
  return archive;
}
