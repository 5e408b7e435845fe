import { z } from 'zod';
import { type ConditionContext, conditionSchema, meetsCondition } from './conditions.ts';
import { listOf, matchesAction } from './wildcard.ts';

// The part of IAM's policy language that decides whether a caller may assume a role, and what it may say of itself when
// it does: session tags need sts:TagSession and a source identity needs sts:SetSourceIdentity, both "permissions-only
// actions" that must be allowed besides sts:AssumeRole (IAM User Guide: "Pass session tags in AWS STS", "Monitor and
// control actions taken with assumed roles").

export type TrustedAction = 'sts:AssumeRole' | 'sts:TagSession' | 'sts:SetSourceIdentity';

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);

const conditionKeys = [
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:tagkeys',
  'aws:username',
  'sts:externalid',
  'sts:rolesessionname',
  'sts:sourceidentity',
  'sts:transitivetagkeys',
];
const requestTag = 'aws:requesttag/';

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([
    z.literal('*'),
    // Service and Federated principals are accepted so that a real policy can be pasted; no IAM caller matches them.
    z.strictObject({ AWS: oneOrMore.optional(), Service: oneOrMore.optional(), Federated: oneOrMore.optional() }),
  ]),
  Action: oneOrMore,
  Condition: conditionSchema((key) => conditionKeys.includes(key) || key.startsWith(requestTag)).optional(),
});

export const trustPolicySchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).default('2012-10-17'),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema).min(1)]),
});

export type TrustPolicy = z.output<typeof trustPolicySchema>;
type Statement = z.output<typeof statementSchema>;

export type TrustRequest = {
  accountId: string;
  /** Every ARN the caller goes by: a user has one, a role session has its role's and its own. */
  callerArns: readonly string[];
  /** Name of the IAM user; a role session has none. */
  username?: string;
  /** Undefined when the request is signed with long-lived keys and carries no code: IAM then has no such key at all. */
  mfaPresent?: boolean;
  /** Seconds since the code was accepted; undefined when none was. */
  mfaAgeSeconds?: number;
  externalId?: string;
  roleSessionName?: string;
  sourceIdentity?: string;
  tags?: Readonly<Record<string, string>>;
  transitiveTagKeys?: readonly string[];
};

/**
 * Who of those that the policy names the caller is: itself, or a member of its account (which then leaves it to the
 * caller's own policies to allow). Undefined when no statement allows the action to it, or one denies it.
 */
export function trustOf(
  policy: TrustPolicy,
  action: TrustedAction,
  request: TrustRequest,
): 'caller' | 'account' | undefined {
  const context = contextOf(request);
  const matching = listOf(policy.Statement).flatMap(({ Effect, Action, Principal, Condition }) => {
    const named = matchesAction(Action, action) ? namedBy(Principal, request) : undefined;
    return named !== undefined && meetsCondition(Condition, context) ? [{ Effect, named }] : [];
  });
  if (matching.some(({ Effect }) => Effect === 'Deny') || matching.length === 0) return undefined;
  return matching.some(({ named }) => named === 'caller') ? 'caller' : 'account';
}

/** Tells whether the trust policy lets the caller do this, if the caller's own policies do not stand against it. */
export function trusts(policy: TrustPolicy, action: TrustedAction, request: TrustRequest): boolean {
  return trustOf(policy, action, request) !== undefined;
}

function namedBy(
  principal: Statement['Principal'],
  { accountId, callerArns }: TrustRequest,
): 'caller' | 'account' | undefined {
  const names = principal === '*' ? ['*'] : listOf(principal.AWS ?? []);
  if (names.some((name) => name === '*' || callerArns.includes(name))) return 'caller';
  const isAccount = names.some((name) => name === accountId || name === `arn:aws:iam::${accountId}:root`);
  return isAccount ? 'account' : undefined;
}

function contextOf(request: TrustRequest): ConditionContext {
  const { mfaPresent, mfaAgeSeconds, username, tags = {}, transitiveTagKeys = [] } = request;
  const entries: [string, readonly (string | undefined)[]][] = [
    ['aws:multifactorauthpresent', [mfaPresent?.toString()]],
    ['aws:multifactorauthage', [mfaAgeSeconds?.toString()]],
    ['aws:username', [username]],
    ['aws:tagkeys', Object.keys(tags)],
    ['sts:transitivetagkeys', transitiveTagKeys],
    ['sts:externalid', [request.externalId]],
    ['sts:rolesessionname', [request.roleSessionName]],
    ['sts:sourceidentity', [request.sourceIdentity]],
    ...Object.entries(tags).map(([key, value]): [string, string[]] => [`${requestTag}${key.toLowerCase()}`, [value]]),
  ];
  return new Map(entries.map(([key, values]) => [key, values.filter((value): value is string => value !== undefined)]));
}
