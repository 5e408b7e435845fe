import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { type Challenge, findChallenge, updateOpenChallenge } from '../store/challenges.ts';
import { challengesInExchange } from '../store/exchanges.ts';
import { leadsItsExchange, parkChallenge } from './await-mfa.ts';
import { rejectExchange } from './end-exchange.ts';
import { giveUpChallenge } from './give-up-challenge.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'challenge_woke' }>;

/** A gate job woke and found no code. The store decides what that means. */
export function recordChallengeWoke(change: Change, report: Report): void {
  const challenge = findChallenge(change.transaction, report.challengeId);
  if (challenge === undefined || challenge.attempt !== report.attempt) return;
  if (challenge.state === 'awaiting') wakeAwaiting(change, challenge);
  if (challenge.state !== 'exchanging' || challenge.exchangeClaimedAt !== null) return;
  // Its code rides with the leader's job; whether that one got lost is not known here.
  if (!leadsItsExchange(challenge)) return;
  for (const each of challengesInExchange(change.transaction, challenge.exchangeId ?? '')) {
    rejectExchange(change, each, { rejection: 'mfa_code_lost' });
  }
}

function wakeAwaiting(change: Change, challenge: Challenge): void {
  if (challenge.deadlineAt === null) return;
  if (challenge.deadlineAt <= change.at) {
    giveUpChallenge(change, challenge, 'mfa_deadline_passed');
    return;
  }
  // Somebody else woke it, or the worker's clock runs ahead. The job's id is used up: the next one has the next number,
  // and is due as much later as this one was early, or a clock that runs ahead would wake it again and again. The sweep
  // ends the wait in time whatever the job does.
  const earlyMs = challenge.deadlineAt.getTime() - change.at.getTime();
  const next = updateOpenChallenge(change.transaction, challenge.id, { attempt: challenge.attempt + 1 });
  if (next) parkChallenge(change, next, new Date(challenge.deadlineAt.getTime() + earlyMs));
}
