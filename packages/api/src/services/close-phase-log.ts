import { endLiveLog, liveLogEnd, type PhaseOfRun } from '../logs/live-log.ts';
import { findPhaseLog } from '../store/phase-logs.ts';
import { type ArchiveLogDependencies, archiveLog, expireArchivedLog } from './archive-log.ts';

const lostNotice =
  '[Gatehouse] What stood here was lost together with Redis. The outcome of the phase is not affected.';

/**
 * Ends the log of a phase with its last lines and archives it. Call it after the phase's final status is committed:
 * clients read the status as soon as they see the last byte. May be called again after any failure, and after success:
 * the first lines stand, later ones are dropped.
 */
export async function closePhaseLog(
  dependencies: ArchiveLogDependencies,
  input: PhaseOfRun & { lines: readonly string[] },
): Promise<void> {
  const row = await findPhaseLog(dependencies.database, input);
  // Where the workspace was deleted, its runs with it, nobody reads what earlier tasks may have written.
  if (row === undefined || row.archivedAt !== null) return expireArchivedLog(dependencies, input);
  const end = await liveLogEnd(dependencies, input);
  // A phase that a worker had started had a log.
  const wasLost = end.offset === 0 && row.startedAt !== null;
  await endLiveLog(dependencies, { ...input, lines: wasLost ? [lostNotice, ...input.lines] : input.lines });
  await archiveLog(dependencies, input);
}
