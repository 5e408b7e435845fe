import type { Phase } from '@gatehouse/shared/run-status';
import { enqueue } from '../store/outbox.ts';
import { insertNote } from '../store/phase-notes.ts';
import type { Change } from './run-core.ts';

/**
 * Tells a running phase something. Its log is its worker's, which fetches the note with its heartbeat and writes the
 * lines; the message that it is called by is a hint. `isExtended`: a newer session lies in Redis.
 */
export function tellPhase(
  { transaction, at }: Change,
  note: { runId: string; phase: Phase; lines: readonly string[]; isExtended?: boolean },
): void {
  const { runId, phase, lines, isExtended = false } = note;
  insertNote(transaction, { runId, phase, lines: [...lines], isExtended, createdAt: at });
  enqueue(transaction, { runId, at }, { kind: 'send-news', phase });
}
