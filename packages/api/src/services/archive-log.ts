import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { readLogIndex } from '@gatehouse/shared/log-sections';
import { logKey, readLog } from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';
import { type BlobStore, blobKeys, readBlob } from '../blobs/blob-store.ts';
import type { Clock } from '../clock.ts';
import { expireLiveLog, type PhaseOfRun } from '../logs/live-log.ts';
import { gapFiller } from '../logs/log-gap.ts';
import type { Database } from '../store/database.ts';
import { markLogArchived } from '../store/phase-logs.ts';

/**
 * A log is archived as segments of 1 MiB, compressed one by one, so that a slice anywhere costs one segment and neither
 * archiving nor reading ever holds a whole log in memory.
 */
export const segmentBytes = 1024 * 1024;
/** Readers that are in the middle of the log read on from Redis for this long. */
const keepInRedisSeconds = 3600;

export type ArchiveLogDependencies = { redis: Redis; database: Database; blobs: BlobStore; clock: Clock };

/**
 * Copies a log that has ended from Redis into the blobs, with the same byte offsets, and lets Redis drop it. Bytes that
 * Redis lost are filled in and said to be lost. Done again after a failure it overwrites its own work.
 */
export async function archiveLog(dependencies: ArchiveLogDependencies, log: PhaseOfRun): Promise<void> {
  let sizeBytes = 0;
  let index = 0;
  for await (const segment of segmentsOf(wholeLog(dependencies.redis, log))) {
    await dependencies.blobs.put(blobKeys.logSegment(log.runId, log.phase, index++), await promisify(gzip)(segment));
    sizeBytes += segment.length;
  }
  const logMarks = await readLogIndex(dependencies.redis, logKey(log.runId, log.phase));
  await dependencies.blobs.put(blobKeys.logIndex(log.runId, log.phase), Buffer.from(JSON.stringify(logMarks)));
  await markLogArchived(dependencies.database, { ...log, sizeBytes, at: dependencies.clock.now() });
  await expireLiveLog(dependencies, log, keepInRedisSeconds);
}

/** Drops what a crash kept between the row and Redis. */
export async function expireArchivedLog(dependencies: { redis: Redis }, log: PhaseOfRun): Promise<void> {
  await expireLiveLog(dependencies, log, keepInRedisSeconds);
}

async function* wholeLog(redis: Redis, { runId, phase }: PhaseOfRun): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (;;) {
    const slice = await readLog(redis, logKey(runId, phase), offset, segmentBytes);
    if (slice === undefined) return;
    if (slice.startOffset > offset) yield gapFiller(offset, slice.startOffset);
    yield slice.bytes;
    offset = slice.startOffset + slice.bytes.length;
  }
}

async function* segmentsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; ) {
      const part = chunk.subarray(start, start + segmentBytes - length);
      parts.push(part);
      length += part.length;
      start += part.length;
      if (length < segmentBytes) continue;
      yield Buffer.concat(parts, length);
      parts = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(parts, length);
}

/** At most `limit` bytes from `offset` on, never beyond one segment; empty at and past the end. */
export async function readArchivedLog(
  dependencies: { blobs: BlobStore },
  log: PhaseOfRun & { sizeBytes: number },
  offset: number,
  limit: number,
): Promise<Uint8Array> {
  if (offset >= log.sizeBytes) return new Uint8Array();
  const key = blobKeys.logSegment(log.runId, log.phase, Math.floor(offset / segmentBytes));
  const compressed = await readBlob(dependencies.blobs, key);
  if (compressed === undefined) throw new GatehouseError('internal', `The archived log ${key} is missing.`);
  const start = offset % segmentBytes;
  return (await promisify(gunzip)(compressed)).subarray(start, start + limit);
}
