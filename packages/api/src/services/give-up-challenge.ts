import { endReasons } from '@gatehouse/shared/end-reasons';
import { notExtendedLine } from '../domain/extension-lines.ts';
import { type Challenge, isExtension, updateOpenChallenge } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import { touchRun } from '../store/runs.ts';
import { endRun } from './end-run.ts';
import { type Change, ourselves } from './run-core.ts';
import { tellPhase } from './tell-phase.ts';

/**
 * Nobody is asked any more. Of a phase that was to start nothing ran: the run ends, and its workspace is free. A phase
 * that runs goes on to the end of its session, where its worker stops it.
 */
export function giveUpChallenge(
  change: Change,
  challenge: Challenge,
  reason: 'mfa_deadline_passed' | 'mfa_too_many_attempts',
): void {
  if (updateOpenChallenge(change.transaction, challenge.id, { state: 'given_up' }) === undefined) return;
  const { id: challengeId, attempt, runId, phase, deadlineAt } = challenge;
  // Parked until the same deadline, but by the clock of Redis, and it wakes only where a worker takes it.
  enqueue(change.transaction, { runId, at: change.at }, { kind: 'remove-challenge', challengeId, attempt });
  if (isExtension(challenge)) {
    tellPhase(change, { runId, phase, lines: [notExtendedLine(reason, deadlineAt)] });
    touchRun(change.transaction, runId, change.at);
    return;
  }
  endRun(change, {
    runId,
    event: 'mfaGivenUp',
    reason,
    by: ourselves,
    outcome: 'errored',
    logLines: [`Error: ${endReasons[reason]}`],
  });
}
