import {
  awsFindings,
  type CheckProbe,
  type CheckResult,
  checkProbes,
  checkResult,
  found,
  passed,
  skipped,
} from '@gatehouse/shared/aws-findings';
import { checkClaim } from '@gatehouse/shared/check-claim';
import { awsVariables } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import { looksLikeMfaSerial } from './challenge.ts';
import { principalOf, roleTrustPolicy } from './role-trust-policy.ts';

export const checkedIdentities = ['organization', 'own'] as const;
export type CheckedIdentity = (typeof checkedIdentities)[number];

/** What a check is about; no secret is in it. */
export const checkSubject = z.object({
  identity: z.enum(checkedIdentities),
  workspaceId: z.string().nullable(),
  /** Null: none is set. */
  accessKeyId: z.string().nullable(),
  /** Null: there is none that could be asked about. */
  mfaSerial: z.string().nullable(),
  role: checkClaim.shape.role.unwrap().nullable(),
  /** The code that came with it: who gave it, and by what it is recognised when it comes again; null: none came. */
  code: z.object({ fingerprint: z.string(), by: z.string() }).nullable(),
  /** What could be told without AWS. */
  results: z.array(checkResult),
});
export type CheckSubject = z.infer<typeof checkSubject>;

/** What a check came to. `arn`: who the keys are; null when AWS did not say it. */
export const checkFindings = z.object({ arn: z.string().nullable(), results: z.array(checkResult) });
export type CheckFindings = z.infer<typeof checkFindings>;

/** The keys as they are set. A name in `missing` has no value. */
export type KeysAsSet = {
  missing: readonly string[];
  accessKeyId: string | undefined;
  mfaSerial: string | undefined;
  hasSessionToken: boolean;
};

/**
 * What can be told of keys without asking AWS. `canAsk`: whether they are such that AWS can be asked about them at all.
 * `mfaSerial`: the one to ask about.
 */
export function lookAtKeys(keys: KeysAsSet): { results: CheckResult[]; canAsk: boolean; mfaSerial: string | null } {
  const isSession = keys.hasSessionToken || (keys.accessKeyId?.startsWith('ASIA') ?? false);
  const lacksKeys = keys.missing.some((name) => name !== awsVariables.mfaSerial);
  const isMalformed = keys.mfaSerial !== undefined && !looksLikeMfaSerial(keys.mfaSerial);
  const results = [
    keys.missing.length === 0
      ? passed('variables', 'Access key, secret and serial number of the MFA device are all there.')
      : found('variable_missing', `${keys.missing.join(' and ')} ${keys.missing.length > 1 ? 'are' : 'is'} not set.`),
    ...(isSession ? [found('keys_are_session')] : []),
    ...(isMalformed ? [found('serial_malformed')] : []),
  ];
  return {
    results,
    canAsk: !lacksKeys && !isSession,
    mfaSerial: isMalformed ? null : (keys.mfaSerial ?? null),
  };
}

/**
 * All that a check came to: what was told without AWS, then what AWS was asked, in the order of the probes. `otherwise`:
 * why what nobody told of was not looked at.
 */
export function completeResults(
  subject: Pick<CheckSubject, 'results' | 'mfaSerial' | 'role'>,
  asked: readonly CheckResult[],
  otherwise: string,
): CheckResult[] {
  return checkProbes.flatMap((probe) => {
    const told = [...subject.results, ...asked].filter((result) => result.probe === probe);
    return told.length > 0 ? told : [skipped(probe, whyNotAsked(subject, probe) ?? otherwise)];
  });
}

function whyNotAsked(subject: Pick<CheckSubject, 'mfaSerial' | 'role'>, probe: CheckProbe): string | undefined {
  if (probe === 'role' && subject.role === null) return 'No role is set: sessions may do what the user may.';
  if (probe === 'device' && subject.mfaSerial === null) return 'There is no serial number to ask AWS about.';
  return undefined;
}

/** What mends it where it is pasted: the whole trust policy of the role; null when no policy would. */
export function policyFor(check: { subject: CheckSubject; findings: CheckFindings | null }, result: CheckResult) {
  const { role, accessKeyId } = check.subject;
  const isOfTrust = result.finding !== null && awsFindings[result.finding].probe === 'role';
  if (role === null || accessKeyId === null || !isOfTrust) return null;
  const principal = principalOf(role.arn, { accessKeyId, arn: check.findings?.arn ?? null });
  return roleTrustPolicy({ principal, demandsCode: role.demandsCode });
}
