import { type CheckResult, found, passed } from '@gatehouse/shared/aws-findings';
import { Secret } from '@gatehouse/shared/secret';
import type { Caller } from './probe-keys.ts';
import { foundByAws, notAnswered } from './said-by-aws.ts';
import type { IssuedSession } from './session.ts';
import type { StsCaller } from './sts-client.ts';
import { rejectionOf } from './sts-rejections.ts';

/** Right once in a million times: then the device is proven as well, and the session is dropped. */
const wrongCode = new Secret('000000');
/** The shortest that AWS gives. */
export const checkSessionSeconds = 900;

/**
 * Whether the device belongs to the keys. AWS refuses a wrong code and a foreign device in different words, so that a
 * code that is surely wrong tells, and spends nothing. A real code (`code`) is used instead; its session is answered.
 */
export async function probeDevice(
  sts: StsCaller,
  device: { serial: string; caller: Caller; code: Secret | undefined; secrets: readonly Secret[] },
): Promise<{ result: CheckResult; session?: IssuedSession }> {
  const { serial, caller, code, secrets } = device;
  const account = /^arn:[^:]*:iam::(\d{12}):/.exec(serial)?.[1];
  if (account !== undefined && account !== caller.account) {
    const words = `The device is of account ${account}, the keys are of account ${caller.account}.`;
    return { result: found('serial_unknown', words) };
  }
  try {
    const session = await sts.getSessionToken(checkSessionSeconds, { serial, code: code ?? wrongCode });
    if (code === undefined) return { result: passed('device', 'It belongs to the user of the keys.') };
    return { result: passed('device', 'It belongs to the user of the keys, and AWS accepted its code.'), session };
  } catch (error) {
    return { result: refusalOf(error, code, secrets) };
  }
}

function refusalOf(error: unknown, code: Secret | undefined, secrets: readonly Secret[]): CheckResult {
  const { rejection } = rejectionOf(error, secrets);
  if (rejection === 'mfa_serial_unknown') return foundByAws('serial_unknown', error, secrets);
  if (rejection !== 'mfa_rejected') return notAnswered('device', error, secrets);
  if (code !== undefined) return foundByAws('code_refused', error, secrets);
  return passed('device', 'It belongs to the user of the keys. Its codes are seen when a check brings one.');
}
