import { type CheckResult, found, passed } from '@gatehouse/shared/aws-findings';
import type { CheckClaim } from '@gatehouse/shared/check-claim';
import type { Secret } from '@gatehouse/shared/secret';
import type { RoleTrust } from '@gatehouse/shared/worker-api';
import { assumeAsAllowed } from './named-role.ts';
import { checkSessionSeconds } from './probe-device.ts';
import { foundByAws, notAnswered, saidByAws } from './said-by-aws.ts';
import type { IssuedSession } from './session.ts';
import { openSts, type RoleWish, type StsCaller, type StsOptions } from './sts-client.ts';
import { isDenied } from './sts-rejections.ts';

export type RoleProbe = {
  role: NonNullable<CheckClaim['role']>;
  /** Made with a code; undefined: none was brought. */
  session: IssuedSession | undefined;
  secrets: readonly Secret[];
};

export type RoleAnswer = { results: CheckResult[]; trust?: RoleTrust };

const nothing: RoleTrust = { tags: false, sourceIdentity: false };

/**
 * Whether the role opens to those who should assume it and to nobody else, and what it lets be said of a session. Every
 * session that it gives is thrown away.
 */
export async function probeRole(options: StsOptions, keys: StsCaller, probe: RoleProbe): Promise<RoleAnswer> {
  const { role, session, secrets } = probe;
  const wish: RoleWish = { ...role, roleArn: role.arn, durationSeconds: checkSessionSeconds };
  const opened = await opensWith(keys, wish);
  if (opened !== true && !isDenied(opened.error)) return { results: [notAnswered('role', opened.error, secrets)] };

  if (opened === true) {
    const without = role.demandsCode
      ? found('role_without_mfa', 'It opened to the keys alone.')
      : passed('role', 'It opens without MFA, as plans here need it: they ask for no code.');
    return withNaming([without], await namingOf(keys, wish));
  }
  if (!role.demandsCode) {
    const words = `It does not open without MFA, but plans here ask for no code. ${saidByAws(opened.error, secrets)}`;
    return { results: [found('role_refused', words)] };
  }
  if (session === undefined) {
    return {
      results: [passed('role', 'It does not open without MFA. Whether it opens with MFA, a check with a code tells.')],
    };
  }
  return probeWithSession(options, wish, session, secrets);
}

async function probeWithSession(
  options: StsOptions,
  wish: RoleWish,
  session: IssuedSession,
  secrets: readonly Secret[],
): Promise<RoleAnswer> {
  const sts = openSts(options, session, 1);
  const all = [...secrets, session.secretAccessKey, session.sessionToken];
  try {
    const opened = await opensWith(sts, wish);
    if (opened === true)
      return withNaming([passed('role', 'It opens with MFA, and not without.')], await namingOf(sts, wish));
    const { error } = opened;
    return { results: [isDenied(error) ? foundByAws('role_refused', error, all) : notAnswered('role', error, all)] };
  } finally {
    sts.close();
  }
}

async function opensWith(sts: StsCaller, wish: RoleWish): Promise<true | { error: unknown }> {
  try {
    await sts.assumeRole(wish, nothing);
    return true;
  } catch (error) {
    return { error };
  }
}

/** Undefined when AWS did not answer any more: what the role takes is then not told. */
async function namingOf(sts: StsCaller, wish: RoleWish): Promise<RoleTrust | undefined> {
  return assumeAsAllowed(sts, wish).then(
    ({ trust }) => trust,
    () => undefined,
  );
}

function withNaming(results: CheckResult[], trust: RoleTrust | undefined): RoleAnswer {
  if (trust === undefined) return { results };
  return {
    results: [
      ...results,
      ...(trust.tags ? [] : [found('trust_lacks_tags')]),
      ...(trust.sourceIdentity ? [] : [found('trust_lacks_source_identity')]),
    ],
    trust,
  };
}
