import { logKey, readLog } from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';
import { isTerminal } from '@gatehouse/shared/run-status';
import type { BlobStore } from '../blobs/blob-store.ts';
import { liveLogEnd, type PhaseOfRun } from '../logs/live-log.ts';
import type { Database } from '../store/database.ts';
import { hasTasks } from '../store/outbox.ts';
import { findPhaseLog } from '../store/phase-logs.ts';
import { findRun } from '../store/runs.ts';
import { readArchivedLog } from './archive-log.ts';

export type ReadLogDependencies = { redis: Redis; database: Database; blobs: BlobStore };

export type PhaseLogSlice = {
  bytes: Uint8Array;
  /** Where `bytes` begins: beyond the asked offset when what lay between is lost. */
  startOffset: number;
  /** Nothing lies behind these bytes and nothing ever will. Only told with an empty slice. */
  ended: boolean;
};

/**
 * At most `limit` bytes of a phase's log from `offset` on, from Redis while it is there and from the archive afterwards,
 * with the same offsets. Empty when there is nothing yet, and at the end.
 */
export async function readPhaseLog(
  dependencies: ReadLogDependencies,
  { runId, phase, offset, limit }: PhaseOfRun & { offset: number; limit: number },
): Promise<PhaseLogSlice> {
  const row = await findPhaseLog(dependencies.database, { runId, phase });
  const nothing = { bytes: new Uint8Array(), startOffset: offset };
  if (row === undefined) return { ...nothing, ended: true };
  if (row.archivedAt !== null) {
    const log = { runId, phase, sizeBytes: row.sizeBytes };
    const bytes = await readArchivedLog(dependencies, log, offset, limit);
    return { bytes, startOffset: offset, ended: bytes.length === 0 };
  }
  const slice = await readLog(dependencies.redis, logKey(runId, phase), offset, limit);
  if (slice !== undefined) return { ...slice, ended: false };
  const nobodyWrites = isOver(dependencies.database, runId);
  const end = await liveLogEnd(dependencies, { runId, phase });
  if (end.offset === 0) return { ...nothing, ended: nobodyWrites };
  // The end may have come since the read above; then there are bytes, and the next read finds them.
  return { ...nothing, ended: end.ended && end.offset <= offset };
}

/** The run has ended, and with it all that was to be written of it: a phase without a log never came. */
function isOver(database: Database, runId: string): boolean {
  const run = findRun(database, runId);
  return run !== undefined && isTerminal(run.status) && !hasTasks(database, runId);
}
