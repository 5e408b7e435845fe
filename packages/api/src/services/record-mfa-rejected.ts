import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { findChallenge } from '../store/challenges.ts';
import { challengesInExchange } from '../store/exchanges.ts';
import { forgetRoleTrusts } from '../store/role-trusts.ts';
import { requireRun } from '../store/runs.ts';
import { leadsItsExchange } from './await-mfa.ts';
import { rejectExchange } from './end-exchange.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'mfa_rejected' }>;

/** AWS gave no session: the run goes on waiting (M8). A report of a try that is over changes nothing. */
export function recordMfaRejected(change: Change, report: Report): void {
  const { rejection, awsMessage, awsRequestId } = report;
  const challenge = findChallenge(change.transaction, report.challengeId);
  if (challenge?.state !== 'exchanging' || challenge.attempt !== report.attempt) return;
  // A code that got lost is lost for its whole batch; only its leader is reported then.
  const isLostForAll = rejection === 'mfa_code_lost' && leadsItsExchange(challenge);
  const concerned = isLostForAll ? challengesInExchange(change.transaction, challenge.exchangeId ?? '') : [challenge];
  // It may be that the role allows no more what it did: found out anew, the next code is not spent by that.
  if (rejection === 'sts_denied') forgetRoleTrusts(change.transaction, requireRun(change.transaction, challenge.runId));
  for (const each of concerned) rejectExchange(change, each, { rejection, awsMessage, awsRequestId });
}
