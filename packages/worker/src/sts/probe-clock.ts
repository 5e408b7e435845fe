import { type CheckResult, found, passed, skipped } from '@gatehouse/shared/aws-findings';
import { tokenCodeStepSeconds } from '@gatehouse/shared/mfa-level';
import { type AnswerTimes, clockAheadMs } from './sts-clock.ts';

/** The worker's clock against that of AWS, by one answer. More than the half minute of a code is too much. */
export function probeClock(answer: AnswerTimes | undefined): CheckResult {
  const aheadMs = answer && clockAheadMs(answer);
  if (aheadMs === undefined) return skipped('clock', 'No answer of AWS told the time.');
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (seconds > tokenCodeStepSeconds) {
    return found('clock_off', `It is ${seconds} seconds ${aheadMs > 0 ? 'ahead of' : 'behind'} that of AWS.`);
  }
  return passed('clock', `It and that of AWS are less than ${Math.max(2, seconds + 1)} seconds apart.`);
}
