import type { Caller } from '../authenticate.ts';
import { checkParameters, memberList, parameter } from '../query-parameters.ts';
import type { Role, User } from '../state/accounts.ts';
import { newSessionKeys, type RoleSession, sessionArn, storeSession } from '../state/sessions.ts';
import { assumeRoleRefused, StsError, validationError } from '../sts-error.ts';
import { allowsAssumeRole } from '../trust-policy.ts';
import type { XmlTree } from '../xml.ts';
import type { ActionContext } from './action.ts';
import { credentialsXml } from './credentials-xml.ts';
import { mfaConstraints, verifyMfa } from './verify-mfa.ts';

const maximumSeconds = 43_200;
const defaultSeconds = 3_600;
// Credentials that are themselves a session get a role for an hour at most.
const chainedMaximumSeconds = 3_600;

export function assumeRole(context: ActionContext): XmlTree {
  const { account, sessions, caller, parameters, now, note } = context;
  checkParameters(parameters, {
    RoleArn: { required: true, minLength: 20, maxLength: 2048 },
    RoleSessionName: { required: true, minLength: 2, maxLength: 64, pattern: '[\\w+=,.@-]*' },
    Policy: { minLength: 1, maxLength: 2048 },
    DurationSeconds: { minimum: account.minimumSessionSeconds, maximum: maximumSeconds },
    ExternalId: { minLength: 2, maxLength: 1224, pattern: '[\\w+=,.@:\\/-]*' },
    SourceIdentity: { minLength: 2, maxLength: 64, pattern: '[\\w+=,.@-]*' },
    ...mfaConstraints,
  });
  const request = readRequest(parameters);
  note(request.journal);
  if (request.policy !== undefined) requireJson(request.policy);

  const withMfa = verifyMfa(context, userOf(caller));
  const role = allowedRole(context, request, withMfa);
  requireDuration(request.durationSeconds, role, caller);

  const session: RoleSession = {
    kind: 'role',
    ...newSessionKeys(now, account.sessionSeconds ?? request.durationSeconds),
    role,
    assumedBy: caller.arn,
    issuedTo: caller.accessKeyId,
    roleSessionName: request.roleSessionName,
    policyArns: request.policyArns,
    tags: request.tags,
    ...(request.policy === undefined ? {} : { policy: request.policy }),
    ...(request.sourceIdentity === undefined ? {} : { sourceIdentity: request.sourceIdentity }),
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
    SourceIdentity: request.sourceIdentity,
    PackedPolicySize: request.policy === undefined ? undefined : Math.ceil((request.policy.length / 2048) * 100),
  };
}

type Request = ReturnType<typeof readRequest>;

function readRequest(parameters: URLSearchParams) {
  const roleArn = parameters.get('RoleArn') ?? '';
  const roleSessionName = parameters.get('RoleSessionName') ?? '';
  const durationSeconds = Number(parameter(parameters, 'DurationSeconds') ?? defaultSeconds);
  const policy = parameter(parameters, 'Policy');
  return {
    roleArn,
    roleSessionName,
    durationSeconds,
    policy,
    policyArns: memberList(parameters, 'PolicyArns').map((member) => member['arn'] ?? ''),
    externalId: parameter(parameters, 'ExternalId'),
    sourceIdentity: parameter(parameters, 'SourceIdentity'),
    tags: Object.fromEntries(memberList(parameters, 'Tags').map((tag) => [tag['Key'] ?? '', tag['Value'] ?? ''])),
    journal: { roleArn, roleSessionName, durationSeconds, policy: policy ?? null },
  };
}

function requireJson(policy: string): void {
  try {
    JSON.parse(policy);
  } catch {
    throw new StsError(
      'MalformedPolicyDocument',
      400,
      'The policy is not in the valid JSON format.',
      'invalid_parameter',
    );
  }
}

function allowedRole({ account, caller, now }: ActionContext, request: Request, withMfa: boolean): Role {
  const role = account.roles.get(request.roleArn);
  if (role === undefined) throw assumeRoleRefused(caller.arn, request.roleArn, 'role_unknown');
  const allowed = allowsAssumeRole(role.trustPolicy, {
    accountId: account.accountId,
    callerArns: callerArns(caller),
    roleSessionName: request.roleSessionName,
    ...(request.externalId === undefined ? {} : { externalId: request.externalId }),
    ...(request.sourceIdentity === undefined ? {} : { sourceIdentity: request.sourceIdentity }),
    ...mfaFacts(caller, now, withMfa),
  });
  if (!allowed) throw assumeRoleRefused(caller.arn, request.roleArn, 'trust_policy');
  return role;
}

/** What IAM knows about MFA in this call: nothing for long-lived keys without a code, else present or not, and its age. */
function mfaFacts(caller: Caller, now: Date, withMfa: boolean): { mfaPresent?: boolean; mfaAgeSeconds?: number } {
  if (withMfa) return { mfaPresent: true, mfaAgeSeconds: 0 };
  if (caller.kind === 'keys') return {};
  // A role's session carries no MFA information, even when the role was assumed with a code.
  const since = caller.session.kind === 'user' ? caller.session.mfaAuthenticatedAt : undefined;
  if (since === undefined) return { mfaPresent: false };
  return { mfaPresent: true, mfaAgeSeconds: Math.floor((now.getTime() - since.getTime()) / 1000) };
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

function callerArns(caller: Caller): string[] {
  if (caller.kind === 'session' && caller.session.kind === 'role') return [caller.arn, caller.session.role.arn];
  return [caller.arn];
}

/** The user whose devices count; a role's session belongs to none. */
function userOf(caller: Caller): User | undefined {
  if (caller.kind === 'keys') return caller.user;
  return caller.session.kind === 'user' ? caller.session.user : undefined;
}
