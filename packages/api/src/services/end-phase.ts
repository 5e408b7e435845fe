import type { Phase } from '@gatehouse/shared/run-status';
import { findChallengeOfPhase } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import { dropNotes } from '../store/phase-notes.ts';
import { updatePhase } from '../store/phases.ts';
import type { Change } from './run-core.ts';
import { withdrawExtension } from './withdraw-challenge.ts';

/** A phase is over: takes its session back, and closes its log with what is left to say. */
export function endPhase(change: Change, runId: string, phase: Phase, logLines: readonly string[]): void {
  const { transaction, at } = change;
  const to = { runId, at };
  withdrawExtension(change, runId, phase);
  updatePhase(transaction, runId, phase, { sessionAsksAt: null });
  dropNotes(transaction, runId, phase);
  // Also where no code was accepted: a yes of AWS that came too late for its try has left a session there.
  if (findChallengeOfPhase(transaction, runId, phase) !== undefined) {
    enqueue(transaction, to, { kind: 'drop-session', phase });
  }
  enqueue(transaction, to, { kind: 'close-log', phase, lines: [...logLines] });
}
