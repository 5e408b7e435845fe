import type { Phase } from '@gatehouse/shared/run-status';
import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { phaseNotes } from './schema/challenges.ts';

export type StoredNote = typeof phaseNotes.$inferSelect;

export function insertNote(transaction: Transaction, note: Omit<StoredNote, 'sequence'>): void {
  transaction.insert(phaseNotes).values(note).run();
}

/** What was noted after the note `seen` (0: all of it), oldest first. */
export function notesAfter(
  database: Database | Transaction,
  { runId, phase }: { runId: string; phase: Phase },
  seen: number,
): StoredNote[] {
  return database
    .select()
    .from(phaseNotes)
    .where(and(eq(phaseNotes.runId, runId), eq(phaseNotes.phase, phase), gt(phaseNotes.sequence, seen)))
    .orderBy(asc(phaseNotes.sequence))
    .all();
}

/** The phase is over: nobody fetches them any more. */
export function dropNotes(transaction: Transaction, runId: string, phase: Phase): void {
  transaction
    .delete(phaseNotes)
    .where(and(eq(phaseNotes.runId, runId), eq(phaseNotes.phase, phase)))
    .run();
}
