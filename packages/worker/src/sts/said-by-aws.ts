import { type AwsFinding, type CheckProbe, type CheckResult, found } from '@gatehouse/shared/aws-findings';
import type { Secret } from '@gatehouse/shared/secret';
import { rejectionOf } from './sts-rejections.ts';

/** AWS's own words, without secrets, as a sentence. */
export function saidByAws(error: unknown, secrets: readonly Secret[]): string {
  const { awsMessage = 'nothing' } = rejectionOf(error, secrets);
  return `AWS said: "${awsMessage}".`;
}

/** What a probe found, with AWS's words. */
export function foundByAws(finding: AwsFinding, error: unknown, secrets: readonly Secret[]): CheckResult {
  return found(finding, saidByAws(error, secrets));
}

/** A refusal that says nothing of what the probe was to find out. */
export function notAnswered(probe: CheckProbe, error: unknown, secrets: readonly Secret[]): CheckResult {
  const { rejection, awsMessage = '' } = rejectionOf(error, secrets);
  if (rejection === 'sts_unreachable') return found('sts_unreachable', awsMessage, { probe });
  return found('sts_refused', saidByAws(error, secrets), { probe });
}
