import type { Caller } from '../authenticate.ts';
import type { Role, User } from '../state/accounts.ts';
import { newSessionKeys, type RoleSession, sessionArn, storeSession } from '../state/sessions.ts';
import { validationError } from '../sts-error.ts';
import type { XmlTree } from '../xml.ts';
import type { ActionContext } from './action.ts';
import { credentialsXml } from './credentials-xml.ts';
import { mfaFacts, trustedRole } from './required-trust.ts';
import { type RoleRequest, readRoleRequest } from './role-request.ts';
import { packedPolicySize, readSessionPolicies } from './session-policies.ts';
import { inheritFacts } from './session-tags.ts';
import { verifyMfa } from './verify-mfa.ts';

// Credentials that are themselves a session get a role for an hour at most.
const chainedMaximumSeconds = 3_600;

export function assumeRole(context: ActionContext): XmlTree {
  const { account, sessions, caller, parameters, now, note } = context;
  note(wantedFacts(parameters));
  const request = readRoleRequest(parameters, account.minimumSessionSeconds);
  note(journalFacts(request));
  const { tags, transitiveTagKeys, sourceIdentity } = request;
  const facts = inheritFacts(caller, {
    tags,
    transitiveTagKeys,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  });
  note({ tags: facts.tags, sourceIdentity: facts.sourceIdentity ?? null });
  const sessionPolicies = readSessionPolicies(account, request);
  const packedSize = packedPolicySize({ ...request, tags: facts.tags });

  const withMfa = verifyMfa(context, userOf(caller));
  const mfa = mfaFacts(caller, now, withMfa);
  note({ mfaPresent: mfa.mfaPresent ?? false });
  const role = trustedRole(context, request, facts, mfa);
  requireDuration(request.durationSeconds, role, caller);

  const session: RoleSession = {
    kind: 'role',
    ...newSessionKeys(now, account.sessionSeconds ?? request.durationSeconds),
    role,
    assumedBy: caller.arn,
    issuedTo: caller.accessKeyId,
    roleSessionName: request.roleSessionName,
    policyArns: request.policyArns,
    sessionPolicies,
    ...facts,
    ...(request.policy === undefined ? {} : { policy: request.policy }),
    ...(withMfa ? { serial: parameters.get('SerialNumber') ?? '' } : {}),
  };
  storeSession(sessions, session, now);
  note({ accessKeyId: session.accessKeyId });
  return {
    AssumedRoleUser: {
      AssumedRoleId: `${role.roleId}:${request.roleSessionName}`,
      Arn: sessionArn(session, account.accountId),
    },
    Credentials: credentialsXml(session),
    SourceIdentity: facts.sourceIdentity,
    PackedPolicySize: packedSize,
  };
}

/** What the journal keeps of a call whose parameters are refused. */
function wantedFacts(parameters: URLSearchParams) {
  return { roleArn: parameters.get('RoleArn'), roleSessionName: parameters.get('RoleSessionName') };
}

function journalFacts({ durationSeconds, policy, policyArns }: RoleRequest) {
  return { durationSeconds, policy: policy ?? null, policyArns };
}

function requireDuration(durationSeconds: number, role: Role, caller: Caller): void {
  if (caller.kind === 'session' && durationSeconds > chainedMaximumSeconds) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (durationSeconds > role.maxSessionDurationSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

/** The user whose devices count; a role's session belongs to none. */
function userOf(caller: Caller): User | undefined {
  if (caller.kind === 'keys') return caller.user;
  return caller.session.kind === 'user' ? caller.session.user : undefined;
}
