import { z } from 'zod';

// The part of IAM's policy language that decides whether a caller may assume a role. What this file cannot evaluate is
// refused when the policy is given, because a condition that is silently skipped would let a role open too wide.

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);
const conditionValue = z.union([z.string(), z.boolean(), z.number(), z.array(z.string()).min(1)]);

const conditionKeys = [
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'sts:externalid',
  'sts:rolesessionname',
  'sts:sourceidentity',
] as const;
type ConditionKey = (typeof conditionKeys)[number];

const comparisons = {
  Bool: (actual: string, wanted: string) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericLessThan: (actual: string, wanted: string) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (actual: string, wanted: string) => Number(actual) <= Number(wanted),
  StringEquals: (actual: string, wanted: string) => actual === wanted,
};
type Comparison = keyof typeof comparisons;

const conditionBlock = z.record(z.string(), conditionValue).superRefine((block, context) => {
  for (const key of Object.keys(block)) {
    if (!isConditionKey(key.toLowerCase())) {
      context.addIssue({ code: 'custom', path: [key], message: `condition key ${key} is not emulated` });
    }
  }
});

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([
    z.literal('*'),
    // Service and Federated principals are accepted so that a real policy can be pasted; no IAM caller matches them.
    z.strictObject({ AWS: oneOrMore.optional(), Service: oneOrMore.optional(), Federated: oneOrMore.optional() }),
  ]),
  Action: oneOrMore,
  Condition: z
    .strictObject({
      Bool: conditionBlock.optional(),
      BoolIfExists: conditionBlock.optional(),
      NumericLessThan: conditionBlock.optional(),
      NumericLessThanIfExists: conditionBlock.optional(),
      NumericLessThanEquals: conditionBlock.optional(),
      NumericLessThanEqualsIfExists: conditionBlock.optional(),
      StringEquals: conditionBlock.optional(),
      StringEqualsIfExists: conditionBlock.optional(),
    })
    .optional(),
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
  /** Undefined when the request is signed with long-lived keys and carries no code: IAM then has no such key at all. */
  mfaPresent?: boolean;
  /** Seconds since the code was accepted; undefined when none was. */
  mfaAgeSeconds?: number;
  externalId?: string;
  roleSessionName?: string;
  sourceIdentity?: string;
};

/** Tells whether the policy lets the caller call sts:AssumeRole: some statement allows it and none denies it. */
export function allowsAssumeRole(policy: TrustPolicy, request: TrustRequest): boolean {
  const statements = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement];
  const matching = statements.filter((statement) => matches(statement, request));
  return matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect !== 'Deny');
}

function matches(statement: Statement, request: TrustRequest): boolean {
  return (
    listOf(statement.Action).some((action) => ['sts:assumerole', 'sts:*', '*'].includes(action.toLowerCase())) &&
    matchesPrincipal(statement.Principal, request) &&
    matchesCondition(statement.Condition, request)
  );
}

function matchesPrincipal(principal: Statement['Principal'], { accountId, callerArns }: TrustRequest): boolean {
  const names = principal === '*' ? ['*'] : listOf(principal.AWS ?? []);
  return names.some(
    (name) =>
      name === '*' ||
      // The account as principal leaves the choice to the callers' own policies; those are not emulated, so all may.
      name === accountId ||
      name === `arn:aws:iam::${accountId}:root` ||
      callerArns.includes(name),
  );
}

function matchesCondition(condition: Statement['Condition'], request: TrustRequest): boolean {
  const context = contextOf(request);
  return Object.entries(condition ?? {}).every(([operator, block]) => {
    const ifExists = operator.endsWith('IfExists');
    const comparison = operator.replace(/IfExists$/, '');
    return Object.entries(block ?? {}).every(([key, wanted]) => {
      const name = key.toLowerCase();
      const actual = isConditionKey(name) ? context[name] : undefined;
      if (actual === undefined) return ifExists;
      return isComparison(comparison) && listOf(wanted).some((value) => comparisons[comparison](actual, String(value)));
    });
  });
}

function contextOf(request: TrustRequest): Record<ConditionKey, string | undefined> {
  return {
    'aws:multifactorauthpresent': request.mfaPresent?.toString(),
    'aws:multifactorauthage': request.mfaAgeSeconds?.toString(),
    'sts:externalid': request.externalId,
    'sts:rolesessionname': request.roleSessionName,
    'sts:sourceidentity': request.sourceIdentity,
  };
}

const isConditionKey = (key: string): key is ConditionKey => conditionKeys.some((known) => known === key);
const isComparison = (name: string): name is Comparison => Object.hasOwn(comparisons, name);

function listOf<Value>(value: Value | Value[]): Value[] {
  return Array.isArray(value) ? value : [value];
}
