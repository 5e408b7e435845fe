import { endReasons } from '@gatehouse/shared/end-reasons';
import { type Challenge, updateOpenChallenge } from '../store/challenges.ts';
import { endRun } from './end-run.ts';
import { type Change, ourselves } from './run-core.ts';

/** Nobody is asked any more: the run ends, and its workspace is free. Nothing of the phase ran. */
export function giveUpChallenge(
  change: Change,
  challenge: Challenge,
  reason: 'mfa_deadline_passed' | 'mfa_too_many_attempts',
): void {
  if (updateOpenChallenge(change.transaction, challenge.id, { state: 'given_up' }) === undefined) return;
  endRun(change, {
    runId: challenge.runId,
    event: 'mfaGivenUp',
    reason,
    by: ourselves,
    outcome: 'errored',
    logLines: [`Error: ${endReasons[reason]}`],
  });
}
