import type { Caller } from './authenticate.ts';
import { type Deed, type IdentityPolicy, judge, type Principal } from './policies/identity-policy.ts';
import type { RefusalReason } from './sts-error.ts';

// What a caller may do: its user's or role's policies, and for a role session also one of its session policies, if it
// was given any (IAM User Guide, "Policy evaluation logic"). The phrases are those of "Troubleshoot access denied error
// messages"; when several kinds of policy deny, AWS names one of them, and so does this.

export type Refusal = { phrase: string; reason: RefusalReason };

/** Undefined when the caller may do it. Resource policies that allow by themselves are for the callers of this to know. */
export function refusalOf(caller: Caller, deed: Deed, principal: Principal): Refusal | undefined {
  return identityRefusal(caller, deed, principal) ?? sessionRefusal(caller, deed, principal);
}

/** The same, for a deed that a resource's own policy allows to this caller by name: only denials count, and sessions. */
export function refusalDespiteGrant(caller: Caller, deed: Deed, principal: Principal): Refusal | undefined {
  const refusal = identityRefusal(caller, deed, principal);
  return refusal?.reason === 'identity_denied' ? refusal : sessionRefusal(caller, deed, principal);
}

function identityRefusal(caller: Caller, deed: Deed, principal: Principal): Refusal | undefined {
  const verdict = judge(identityPolicies(caller), deed, principal);
  if (verdict === 'allowed') return undefined;
  return verdict === 'denied'
    ? { phrase: 'with an explicit deny in an identity-based policy', reason: 'identity_denied' }
    : { phrase: `because no identity-based policy allows the ${deed.action} action`, reason: 'identity_policy' };
}

function sessionRefusal(caller: Caller, deed: Deed, principal: Principal): Refusal | undefined {
  if (caller.kind === 'keys' || caller.session.kind === 'user') return undefined;
  const { sessionPolicies } = caller.session;
  if (sessionPolicies.length === 0) return undefined;
  const verdict = judge(sessionPolicies, deed, principal);
  if (verdict === 'allowed') return undefined;
  return verdict === 'denied'
    ? { phrase: 'with an explicit deny in a session policy', reason: 'session_denied' }
    : { phrase: `because no session policy allows the ${deed.action} action`, reason: 'session_policy' };
}

function identityPolicies(caller: Caller): Iterable<IdentityPolicy> {
  if (caller.kind === 'keys') return caller.user.policies.values();
  const { session } = caller;
  return session.kind === 'user' ? session.user.policies.values() : session.role.policies.values();
}

/** What IAM knows of the caller itself, whichever call it makes. */
export function principalOf(caller: Caller, now: Date): Principal {
  if (caller.kind === 'keys') return { username: caller.user.name };
  const { session } = caller;
  const tokenIssuedAt = session.issuedAt;
  if (session.kind === 'role') {
    const { tags, sourceIdentity } = session;
    // A role's session carries no MFA information, even when the role was assumed with a code.
    return { tokenIssuedAt, mfaPresent: false, tags, ...(sourceIdentity === undefined ? {} : { sourceIdentity }) };
  }
  const since = session.mfaAuthenticatedAt;
  return {
    username: session.user.name,
    tokenIssuedAt,
    mfaPresent: since !== undefined,
    ...(since === undefined ? {} : { mfaAgeSeconds: Math.floor((now.getTime() - since.getTime()) / 1000) }),
  };
}
