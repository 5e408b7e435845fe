import type { Caller } from '../authenticate.ts';
import { type TrustedAction, type TrustRequest, trusts } from '../policies/trust-policy.ts';
import type { Role } from '../state/accounts.ts';
import { assumeRoleRefused } from '../sts-error.ts';
import type { ActionContext } from './action.ts';
import type { RoleRequest } from './role-request.ts';
import type { SessionFacts } from './session-tags.ts';

/**
 * The role, when its trust policy allows the call and all that the session is to carry. Tags and an identity that a
 * chained session only inherits need their permission too (seen at AWS: without sts:TagSession a chain with transitive
 * tags is refused although the call itself names none). A role that does not exist is refused in the same words.
 */
export function trustedRole(
  { account, caller, now }: ActionContext,
  request: RoleRequest,
  facts: SessionFacts,
  withMfa: boolean,
): Role {
  const role = account.roles.get(request.roleArn);
  if (role === undefined) throw assumeRoleRefused(caller.arn, 'sts:AssumeRole', request.roleArn, 'role_unknown');
  const trustRequest: TrustRequest = {
    accountId: account.accountId,
    callerArns: callerArns(caller),
    roleSessionName: request.roleSessionName,
    tags: facts.tags,
    transitiveTagKeys: facts.transitiveTagKeys,
    ...(request.externalId === undefined ? {} : { externalId: request.externalId }),
    ...(facts.sourceIdentity === undefined ? {} : { sourceIdentity: facts.sourceIdentity }),
    ...usernameOf(caller),
    ...mfaFacts(caller, now, withMfa),
  };
  for (const action of requiredActions(facts)) {
    if (!trusts(role.trustPolicy, action, trustRequest)) {
      throw assumeRoleRefused(caller.arn, action, request.roleArn, 'trust_policy');
    }
  }
  return role;
}

function requiredActions({ tags, sourceIdentity }: SessionFacts): TrustedAction[] {
  return [
    'sts:AssumeRole',
    ...(Object.keys(tags).length === 0 ? [] : (['sts:TagSession'] as const)),
    ...(sourceIdentity === undefined ? [] : (['sts:SetSourceIdentity'] as const)),
  ];
}

/** What IAM knows about MFA in this call: nothing for long-lived keys without a code, else present or not, and its age. */
export function mfaFacts(
  caller: Caller,
  now: Date,
  withMfa: boolean,
): { mfaPresent?: boolean; mfaAgeSeconds?: number } {
  if (withMfa) return { mfaPresent: true, mfaAgeSeconds: 0 };
  if (caller.kind === 'keys') return {};
  // A role's session carries no MFA information, even when the role was assumed with a code.
  const since = caller.session.kind === 'user' ? caller.session.mfaAuthenticatedAt : undefined;
  if (since === undefined) return { mfaPresent: false };
  return { mfaPresent: true, mfaAgeSeconds: Math.floor((now.getTime() - since.getTime()) / 1000) };
}

function callerArns(caller: Caller): string[] {
  if (caller.kind === 'session' && caller.session.kind === 'role') return [caller.arn, caller.session.role.arn];
  return [caller.arn];
}

function usernameOf(caller: Caller): { username?: string } {
  if (caller.kind === 'keys') return { username: caller.user.name };
  return caller.session.kind === 'user' ? { username: caller.session.user.name } : {};
}
