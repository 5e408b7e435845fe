import { emptyLogIndex, type LogIndex, logIndex, readLogIndex, type SectionName } from '@gatehouse/shared/log-sections';
import { logEndOffset, logKey } from '@gatehouse/shared/log-stream';
import { blobKeys, readBlob } from '../blobs/blob-store.ts';
import type { PhaseOfRun } from '../logs/live-log.ts';
import { findPhaseLog } from '../store/phase-logs.ts';
import { findPhase } from '../store/phases.ts';
import type { ReadLogDependencies } from './read-phase-log.ts';

export type LogSection = {
  name: SectionName;
  startOffset: number;
  /** Undefined: it is the last and may still grow. */
  endOffset: number | undefined;
  startedAt: Date;
  endedAt: Date | undefined;
};

export type LogSections = {
  sections: readonly LogSection[];
  /** Byte ranges that Gatehouse itself wrote, ascending; nothing that terraform prints gets into one. */
  ownRanges: LogIndex['ownRanges'];
  endOffset: number;
  /** Nothing will be added. */
  ended: boolean;
};

/** What the bytes of a phase's log are, from Redis while it is there and from the archive afterwards. */
export async function readLogSections(dependencies: ReadLogDependencies, log: PhaseOfRun): Promise<LogSections> {
  const { database, redis } = dependencies;
  const row = await findPhaseLog(database, log);
  const isArchived = row !== undefined && row.archivedAt !== null;
  const index = isArchived
    ? await archivedIndex(dependencies, log)
    : await readLogIndex(redis, logKey(log.runId, log.phase));
  const endOffset = isArchived ? row.sizeBytes : await logEndOffset(redis, logKey(log.runId, log.phase));
  const phaseEnd = findPhase(database, log.runId, log.phase)?.endedAt ?? undefined;
  return {
    sections: index.sections.map(({ name, startOffset, startedAtMs }, place) => {
      const next = index.sections[place + 1];
      return {
        name,
        startOffset,
        endOffset: next?.startOffset ?? (isArchived ? endOffset : undefined),
        startedAt: new Date(startedAtMs),
        endedAt: next === undefined ? phaseEnd : new Date(next.startedAtMs),
      };
    }),
    ownRanges: index.ownRanges,
    endOffset,
    ended: isArchived,
  };
}

/** A log from before there were indexes has none. */
async function archivedIndex({ blobs }: ReadLogDependencies, { runId, phase }: PhaseOfRun): Promise<LogIndex> {
  const bytes = await readBlob(blobs, blobKeys.logIndex(runId, phase));
  return bytes === undefined ? emptyLogIndex : logIndex.parse(JSON.parse(bytes.toString('utf8')));
}
