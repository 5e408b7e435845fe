import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { completeResults } from '../domain/aws-check.ts';
import { type AwsCheck, findCheck, finishCheck } from '../store/aws-checks.ts';
import { recordSpentCode } from '../store/exchanges.ts';
import { strikeGuess } from '../store/guesses.ts';
import { rememberRoleTrust } from '../store/role-trusts.ts';
import { spentCodeMemoryMs } from './end-exchange.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'check_finished' }>;

/** A worker has asked AWS. A report of a check that nobody claimed, or that is over, changes nothing. */
export function recordCheckFinished(change: Change, report: Report): void {
  const { transaction, at } = change;
  const check = findCheck(transaction, report.checkId);
  if (check?.state !== 'claimed') return;
  const results = completeResults(check.subject, report.results, 'The worker did not get to it.');
  const findings = { arn: report.arn ?? null, results };
  finishCheck(transaction, { id: check.id, from: ['claimed'], findings, at });
  rememberTrust(change, check, report);
  rememberCode(change, check, report);
}

/** What the role lets be said of a session holds for the runs of these keys, too. */
function rememberTrust({ transaction, at }: Change, { organization, subject }: AwsCheck, { trust }: Report): void {
  const { role, accessKeyId } = subject;
  if (role === null || accessKeyId === null || trust === undefined) return;
  rememberRoleTrust(transaction, { organization, roleArn: role.arn }, { ...trust, accessKeyId }, at);
}

/** AWS takes each code once: one that the check spent releases no run any more. */
function rememberCode({ transaction, at }: Change, { id, subject }: AwsCheck, { results }: Report): void {
  const { code, mfaSerial } = subject;
  const wasJudged = results.some(({ probe, outcome }) => probe === 'device' && outcome === 'passed');
  if (code === null || mfaSerial === null || !wasJudged) return;
  strikeGuess(transaction, id);
  const forgetBefore = new Date(at.getTime() - spentCodeMemoryMs);
  recordSpentCode(transaction, { mfaSerial, fingerprint: code.fingerprint, by: code.by, runId: id, at, forgetBefore });
}
