import { type CheckResult, skipped } from '@gatehouse/shared/aws-findings';
import type { CheckClaim } from '@gatehouse/shared/check-claim';
import type { Secret } from '@gatehouse/shared/secret';
import type { SeenTrust } from '@gatehouse/shared/worker-api';
import { seenBy } from './named-role.ts';
import { probeClock } from './probe-clock.ts';
import { probeDevice } from './probe-device.ts';
import { probeKeys } from './probe-keys.ts';
import { probeRole } from './probe-role.ts';
import type { Identity } from './session.ts';
import { openSts, type StsOptions } from './sts-client.ts';
import { type AnswerTimes, clockAheadMs } from './sts-clock.ts';

export type SetUp = {
  identity: Identity;
  mfaSerial: string | undefined;
  role: CheckClaim['role'] | undefined;
  /** Undefined: none was given, and none is spent. */
  code: Secret | undefined;
};

/** `arn`: who the keys are, when AWS said it. `trust`: what the role lets be said of a session, when it was seen. */
export type SetUpAnswer = { arn?: string; results: CheckResult[]; trust?: SeenTrust };

/** The api's request waits 10 s for all of it. */
const checkTimeoutMs = 9_000;

/**
 * Asks AWS whether keys, clock, device and role are set up as runs with MFA need them. Nothing is changed there: sessions
 * that are given are thrown away, and no code is spent but the one that was brought for it.
 */
export async function checkSetup(options: StsOptions, setUp: SetUp): Promise<SetUpAnswer> {
  const { identity, mfaSerial, role, code } = setUp;
  const secrets = [
    identity.secretAccessKey,
    ...(code ? [code] : []),
    ...(identity.sessionToken ? [identity.sessionToken] : []),
  ];
  let first: AnswerTimes | undefined;
  const onAnswer = (times: AnswerTimes) => {
    first ??= times;
  };
  const bounded = { ...options, until: options.until ?? AbortSignal.timeout(checkTimeoutMs) };
  const sts = openSts({ ...bounded, onAnswer }, identity, 1);
  try {
    const keys = await probeKeys(sts, secrets);
    const results = [keys.result, probeClock(first)];
    const { caller } = keys;
    if (caller === undefined) return { results: [...results, ...notAsked(setUp)] };
    const device =
      mfaSerial === undefined ? undefined : await probeDevice(sts, { serial: mfaSerial, caller, code, secrets });
    const ahead = { clockAheadMs: (first && clockAheadMs(first)) ?? 0 };
    const roleAnswer =
      role && (await probeRole({ ...bounded, ...ahead }, sts, { role, session: device?.session, secrets }));
    return {
      arn: caller.arn,
      results: [...results, ...(device ? [device.result] : []), ...(roleAnswer?.results ?? [])],
      ...(roleAnswer?.trust ? { trust: seenBy(identity, roleAnswer.trust) } : {}),
    };
  } finally {
    sts.close();
  }
}

function notAsked({ mfaSerial, role }: SetUp): CheckResult[] {
  const reason = 'AWS was not asked: the keys have to be right first.';
  return [...(mfaSerial === undefined ? [] : [skipped('device', reason)]), ...(role ? [skipped('role', reason)] : [])];
}
