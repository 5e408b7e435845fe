import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { archiveLimits, unpackConfiguration } from '@gatehouse/shared/configuration-archive';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';
import { limited } from '../blobs/limited.ts';
import { withScratchFolder } from '../blobs/scratch.ts';
import type { Clock } from '../clock.ts';
import {
  beginUpload,
  type ConfigurationVersion,
  endUpload,
  findConfigurationVersion,
  noteOnConfigurationVersion,
  type UploadResult,
} from '../store/configuration-versions.ts';
import type { Database } from '../store/database.ts';

/** Queues a run for a version that asked for one. Throws what the creation of a run throws. */
export type QueueRunOfUpload = (input: {
  workspaceId: string;
  configurationVersionId: string;
  /** Who made the version; null when that user is gone. */
  createdBy: string | null;
}) => Promise<unknown>;

export type UploadDependencies = {
  database: Database;
  blobs: BlobStore;
  clock: Clock;
  /** A folder of the api's own for archives that are being checked. */
  scratchFolder: string;
  queueRun: QueueRunOfUpload;
};

/**
 * Takes the archive of a configuration version: counted while it streams to a file, unpacked as a check, sealed, stored.
 * Until the last step there is nothing of it. An archive that breaks the rules makes the version `errored` with the
 * reason (`configuration_invalid`, `too_large`); one that was cut off may be sent again. A second upload: `conflict`.
 */
export async function uploadConfiguration(
  dependencies: UploadDependencies,
  { id, body }: { id: string; body: AsyncIterable<Uint8Array> },
): Promise<void> {
  const { database, clock } = dependencies;
  const version = findConfigurationVersion(database, id);
  if (version === undefined) throw new GatehouseError('not_found', `There is no configuration version ${id}.`);
  const begunAt = clock.now();
  if (!(await beginUpload(database, id, begunAt))) throw refuseSecond(version);
  const end = async (result: UploadResult) => {
    if (!(await endUpload(database, id, { begunAt, at: clock.now(), result }))) throw refuseSecond(version);
  };
  let sizeBytes: number;
  try {
    sizeBytes = await withScratchFolder(dependencies.scratchFolder, (folder) =>
      checkAndStore(dependencies, { id, body, folder }),
    );
  } catch (error) {
    // Ours are about the archive itself; any other came from the connection or the disk, and the next try may work.
    const isRefusal = isGatehouseError(error, 'configuration_invalid') || isGatehouseError(error, 'too_large');
    await end(isRefusal ? { status: 'errored', errorMessage: error.message } : { status: 'pending' });
    throw error;
  }
  await end({ status: 'uploaded', sizeBytes });
  if (version.autoQueueRuns) await queueRunOf(dependencies, version);
}

async function checkAndStore(
  { blobs }: UploadDependencies,
  { id, body, folder }: { id: string; body: AsyncIterable<Uint8Array>; folder: string },
): Promise<number> {
  const archive = path.join(folder, 'configuration.tar.gz');
  const unpacked = path.join(folder, 'unpacked');
  const file = createWriteStream(archive, { flags: 'wx', mode: 0o600 });
  await pipeline(limited(body, archiveLimits.uploadBytes, 'A configuration archive'), file);
  await mkdir(unpacked, { mode: 0o700 });
  await unpackConfiguration(archive, unpacked);
  await blobs.put(blobKeys.configuration(id), createReadStream(archive, { highWaterMark: 256 * 1024 }));
  return file.bytesWritten;
}

/** The upload has succeeded whatever becomes of the run, so a refused run is told on the version. */
async function queueRunOf({ database, queueRun }: UploadDependencies, version: ConfigurationVersion): Promise<void> {
  try {
    const { id: configurationVersionId, workspaceId, createdBy } = version;
    await queueRun({ workspaceId, configurationVersionId, createdBy });
  } catch (error) {
    if (!isGatehouseError(error)) throw error;
    await noteOnConfigurationVersion(database, version.id, `No run was queued: ${error.message}`);
  }
}

function refuseSecond(version: ConfigurationVersion): GatehouseError {
  const is = version.status === 'pending' ? 'is being uploaded' : `is ${version.status}`;
  return new GatehouseError(
    'conflict',
    `Configuration version ${version.id} ${is}; it takes one archive. Make a new configuration version.`,
  );
}
