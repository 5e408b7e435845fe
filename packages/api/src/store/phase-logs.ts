import type { Phase } from '@gatehouse/shared/run-status';
import { and, eq, isNull } from 'drizzle-orm';
import type { Database } from './database.ts';
import { runPhases } from './schema/runs.ts';

/** Where the log of a phase is: in Redis, or, once it is archived, in the blobs. */
export type PhaseLogRow = { startedAt: Date | null; archivedAt: Date | null; sizeBytes: number };

export async function findPhaseLog(
  database: Database,
  { runId, phase }: { runId: string; phase: Phase },
): Promise<PhaseLogRow | undefined> {
  const row = database
    .select({
      startedAt: runPhases.startedAt,
      archivedAt: runPhases.logArchivedAt,
      sizeBytes: runPhases.logSizeBytes,
    })
    .from(runPhases)
    .where(and(eq(runPhases.runId, runId), eq(runPhases.phase, phase)))
    .get();
  return row === undefined ? undefined : { ...row, sizeBytes: row.sizeBytes ?? 0 };
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
