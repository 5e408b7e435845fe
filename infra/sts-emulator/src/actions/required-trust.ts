import type { Caller } from '../authenticate.ts';
import { principalOf, refusalDespiteGrant, refusalOf } from '../authorize.ts';
import type { Principal } from '../policies/identity-policy.ts';
import { type TrustedAction, type TrustRequest, trustOf } from '../policies/trust-policy.ts';
import type { Role } from '../state/accounts.ts';
import { accessDenied, assumeRoleRefused } from '../sts-error.ts';
import type { ActionContext } from './action.ts';
import type { RoleRequest } from './role-request.ts';
import type { SessionFacts } from './session-tags.ts';

/**
 * The role, when its trust policy and the caller's own policies allow the call and all that the session is to carry.
 * Tags and an identity that a chained session only inherits need their permission too (seen at AWS: without
 * sts:TagSession a chain with transitive tags is refused although the call itself names none). A role that does not
 * exist is refused in the same words.
 */
export function trustedRole(context: ActionContext, request: RoleRequest, facts: SessionFacts, mfa: MfaFacts): Role {
  const { account, caller, now } = context;
  if (caller.kind === 'keys' && caller.user.isRoot) {
    throw accessDenied('Roles may not be assumed by root accounts.', 'root');
  }
  const role = account.roles.get(request.roleArn);
  if (role === undefined) throw assumeRoleRefused(caller.arn, 'sts:AssumeRole', request.roleArn, 'role_unknown');
  const principal: Principal = { ...principalOf(caller, now), ...mfa };
  for (const action of requiredActions(facts)) {
    const trust = trustOf(role.trustPolicy, action, trustRequestOf(context, request, facts, principal));
    if (trust === undefined) throw assumeRoleRefused(caller.arn, action, role.arn, 'trust_policy');
    const deed = { action, resource: role.arn };
    // Trust in the account leaves it to the caller's policies to allow; trust in the caller itself is enough.
    const refusal =
      trust === 'account' ? refusalOf(caller, deed, principal) : refusalDespiteGrant(caller, deed, principal);
    if (refusal !== undefined) throw assumeRoleRefused(caller.arn, action, role.arn, refusal.reason, refusal.phrase);
  }
  return role;
}

function trustRequestOf(
  { account, caller }: ActionContext,
  request: RoleRequest,
  facts: SessionFacts,
  { username, mfaPresent, mfaAgeSeconds }: Principal,
): TrustRequest {
  return {
    accountId: account.accountId,
    callerArns: callerArns(caller),
    roleSessionName: request.roleSessionName,
    tags: facts.tags,
    transitiveTagKeys: facts.transitiveTagKeys,
    ...(request.externalId === undefined ? {} : { externalId: request.externalId }),
    ...(facts.sourceIdentity === undefined ? {} : { sourceIdentity: facts.sourceIdentity }),
    ...(username === undefined ? {} : { username }),
    ...(mfaPresent === undefined ? {} : { mfaPresent }),
    ...(mfaAgeSeconds === undefined ? {} : { mfaAgeSeconds }),
  };
}

function requiredActions({ tags, sourceIdentity }: SessionFacts): TrustedAction[] {
  return [
    'sts:AssumeRole',
    ...(Object.keys(tags).length === 0 ? [] : (['sts:TagSession'] as const)),
    ...(sourceIdentity === undefined ? [] : (['sts:SetSourceIdentity'] as const)),
  ];
}

/** What IAM knows about MFA in this call: nothing for long-lived keys without a code, else present or not, and its age. */
export type MfaFacts = { mfaPresent?: boolean; mfaAgeSeconds?: number };

export function mfaFacts(caller: Caller, now: Date, withMfa: boolean): MfaFacts {
  if (withMfa) return { mfaPresent: true, mfaAgeSeconds: 0 };
  const { mfaPresent, mfaAgeSeconds } = principalOf(caller, now);
  return {
    ...(mfaPresent === undefined ? {} : { mfaPresent }),
    ...(mfaAgeSeconds === undefined ? {} : { mfaAgeSeconds }),
  };
}

function callerArns(caller: Caller): string[] {
  if (caller.kind === 'session' && caller.session.kind === 'role') return [caller.arn, caller.session.role.arn];
  return [caller.arn];
}
