import { type CheckResult, found, passed, skipped } from '@gatehouse/shared/aws-findings';
import type { Secret } from '@gatehouse/shared/secret';
import { foundByAws, notAnswered } from './said-by-aws.ts';
import type { StsCaller } from './sts-client.ts';
import { isClockRefusal, rejectionOf } from './sts-rejections.ts';

export type Caller = { arn: string; account: string };

/** Whether AWS knows the keys, and who they are. GetCallerIdentity needs no permission, and cannot be denied. */
export async function probeKeys(
  sts: StsCaller,
  secrets: readonly Secret[],
): Promise<{ result: CheckResult; caller?: Caller }> {
  try {
    const caller = await askWithTheirTime(sts);
    if (caller === undefined) return { result: found('sts_unreachable', 'What answered is not STS.') };
    return { result: resultOf(caller), caller };
  } catch (error) {
    return { result: refusalOf(error, secrets) };
  }
}

/** The SDK takes AWS's time from a refusal because of ours: asked again, AWS judges the keys and not the clock. */
async function askWithTheirTime(sts: StsCaller): Promise<Caller | undefined> {
  try {
    return await sts.getCallerIdentity();
  } catch (error) {
    if (!isClockRefusal(error)) throw error;
    return sts.getCallerIdentity();
  }
}

function resultOf({ arn }: Caller): CheckResult {
  if (arn.endsWith(':root')) return found('keys_of_root', `They are ${arn}.`);
  return passed('keys', `AWS knows them: they are ${arn}.`);
}

function refusalOf(error: unknown, secrets: readonly Secret[]): CheckResult {
  if (isClockRefusal(error)) {
    return skipped('keys', 'AWS looked at the time of the request only: the clock has to be right first.');
  }
  if (rejectionOf(error, secrets).rejection !== 'aws_keys_invalid') return notAnswered('keys', error, secrets);
  const isOfSignature = error instanceof Error && /Signature/.test(error.name);
  return foundByAws(isOfSignature ? 'secret_wrong' : 'keys_unknown', error, secrets);
}
