import { isTerminal, type Phase } from '@gatehouse/shared/run-status';
import { and, eq, isNull } from 'drizzle-orm';
import type { Database } from './database.ts';
import { runPhases, runs } from './schema/runs.ts';

/** Where the log of a phase is: in Redis, or, once it is archived, in the blobs. */
export type PhaseLogRow = {
  startedAt: Date | null;
  archivedAt: Date | null;
  sizeBytes: number;
  /** The run ended before this phase was so much as queued: nothing will ever write into its log. */
  isNeverWritten: boolean;
};

export async function findPhaseLog(
  database: Database,
  { runId, phase }: { runId: string; phase: Phase },
): Promise<PhaseLogRow | undefined> {
  const row = database
    .select({
      startedAt: runPhases.startedAt,
      archivedAt: runPhases.logArchivedAt,
      sizeBytes: runPhases.logSizeBytes,
      queuedAt: runPhases.queuedAt,
      status: runs.status,
    })
    .from(runPhases)
    .innerJoin(runs, eq(runs.id, runPhases.runId))
    .where(and(eq(runPhases.runId, runId), eq(runPhases.phase, phase)))
    .get();
  if (row === undefined) return undefined;
  const { startedAt, archivedAt, queuedAt, status } = row;
  const isNeverWritten = isTerminal(status) && queuedAt === null && startedAt === null;
  return { startedAt, archivedAt, sizeBytes: row.sizeBytes ?? 0, isNeverWritten };
}

/** From now on the blobs are what is read. The first archive stands. */
export async function markLogArchived(
  database: Database,
  log: { runId: string; phase: Phase; sizeBytes: number; at: Date },
): Promise<void> {
  database
    .update(runPhases)
    .set({ logArchivedAt: log.at, logSizeBytes: log.sizeBytes })
    .where(and(eq(runPhases.runId, log.runId), eq(runPhases.phase, log.phase), isNull(runPhases.logArchivedAt)))
    .run();
}
