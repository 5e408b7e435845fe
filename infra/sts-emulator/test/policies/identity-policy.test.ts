import {
  type Deed,
  identityPolicySchema,
  judge,
  type Principal,
} from '@gatehouse/sts-emulator/policies/identity-policy';
import { awsManagedPolicies } from '@gatehouse/sts-emulator/policies/managed-policies';
import { describe, expect, test } from 'vitest';

const own = 'arn:aws:iam::123456789012:user/ada';
const deed: Deed = { action: 'ssm:GetParameter', resource: 'arn:aws:ssm:eu-central-1:123456789012:parameter/app/db' };
const keys: Principal = { username: 'ada' };
const session: Principal = { ...keys, tokenIssuedAt: new Date('2026-03-01T10:00:00Z'), mfaPresent: true };

const verdict = (statements: object, on: Deed = deed, of: Principal = session) =>
  judge([identityPolicySchema.parse({ Version: '2012-10-17', Statement: statements })], on, of);
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const deny = (fields: object) => [allow, { Effect: 'Deny', Action: '*', Resource: '*', ...fields }];

describe('what a policy says', () => {
  test.each([
    ['everything', allow, 'allowed'],
    ['nothing', [], 'unmentioned'],
    ['the action, whatever its case', { ...allow, Action: 'SSM:getparameter' }, 'allowed'],
    ['the action by pattern', { ...allow, Action: ['lambda:*', 'ssm:Get?arameter*'] }, 'allowed'],
    ['another action', { ...allow, Action: 'ssm:PutParameter' }, 'unmentioned'],
    ['all but this action', { Effect: 'Allow', NotAction: 'ssm:*', Resource: '*' }, 'unmentioned'],
    ['all but another action', { Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }, 'allowed'],
    ['the resource by pattern', { ...allow, Resource: 'arn:aws:ssm:*:*:parameter/app/*' }, 'allowed'],
    ['the resource in other case', { ...allow, Resource: 'arn:aws:ssm:*:*:parameter/APP/*' }, 'unmentioned'],
    ['all but this resource', { Effect: 'Allow', Action: '*', NotResource: deed.resource }, 'unmentioned'],
    ['a denial beats it', deny({ Action: 'ssm:Get*' }), 'denied'],
    ['a denial of something else', deny({ Action: 'ssm:Put*' }), 'allowed'],
    [
      'sessions older than a time',
      deny({ Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-03-01T10:00:01Z' } } }),
      'denied',
    ],
    [
      'sessions from a time on are not older',
      deny({ Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-03-01T10:00:00Z' } } }),
      'allowed',
    ],
    [
      'without MFA, of one with',
      deny({ Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } }),
      'allowed',
    ],
  ])('%s: %o', (_name, statements, expected) => {
    expect(verdict(statements)).toBe(expected);
  });

  test('long-lived keys have no issue time, so a denial of old sessions does not touch them; IfExists does', () => {
    const time = { 'aws:TokenIssueTime': '2027-01-01T00:00:00Z' };
    expect(verdict(deny({ Condition: { DateLessThan: time } }), deed, keys)).toBe('allowed');
    const Condition = { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } };
    expect(verdict(deny({ Condition }), deed, keys)).toBe('denied');
  });

  test('a user’s name stands for itself in a resource, and for nobody in a role’s session', () => {
    const statement = { ...allow, Resource: 'arn:aws:iam::*:user/${' + 'aws:username}' };
    const manage = { action: 'iam:CreateAccessKey', resource: own };
    expect(verdict(statement, manage)).toBe('allowed');
    expect(verdict(statement, { ...manage, resource: own.replace('ada', 'bob') })).toBe('unmentioned');
    expect(verdict(statement, manage, { tokenIssuedAt: new Date() })).toBe('unmentioned');
  });

  test.each([
    ['a source identity', { StringEquals: { 'aws:SourceIdentity': 'ada' } }, 'allowed'],
    ['a session tag', { StringEquals: { 'aws:PrincipalTag/Workspace': 'network' } }, 'allowed'],
    ['another session tag', { StringEquals: { 'aws:PrincipalTag/workspace': 'dns' } }, 'unmentioned'],
  ])('%s of the session can be asked for', (_name, Condition, expected) => {
    const holder: Principal = { sourceIdentity: 'ada', tags: { workspace: 'network' } };
    expect(verdict({ ...allow, Condition }, deed, holder)).toBe(expected);
  });
});

test.each([
  ['a principal', { ...allow, Principal: '*' }],
  ['neither Action nor NotAction', { Effect: 'Allow', Resource: '*' }],
  ['both', { ...allow, NotAction: 'iam:*' }],
  ['no resource', { Effect: 'Allow', Action: '*' }],
  ['an action without its service', { ...allow, Action: 'GetParameter' }],
  ['a wildcard for the service', { ...allow, Action: '*:Get*' }],
  ['a resource that is no ARN', { ...allow, Resource: 'my-bucket' }],
  ['a variable that is not emulated', { ...allow, Resource: 'arn:aws:s3:::${' + 'aws:userid}' }],
  ['a condition that is not emulated', { ...allow, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
  ['a key that is not emulated', { ...allow, Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }],
  ['a date that is none', { ...allow, Condition: { DateLessThan: { 'aws:TokenIssueTime': 'yesterday' } } }],
])('what cannot be evaluated is refused when given: %s', (_name, Statement) => {
  expect(identityPolicySchema.safeParse({ Statement }).success).toBe(false);
});

describe('AWS’s managed policies, as modelled', () => {
  const reads = ['ssm:GetParameter', 'ec2:DescribeInstances', 's3:ListBucket', 'dynamodb:BatchGetItem', 'logs:FilterX'];
  const acts = ['lambda:InvokeFunction', 'ssm:PutParameter', 'kms:Decrypt', 'secretsmanager:GetSecretValue'];
  const allowed = (name: string, actions: string[]) => {
    const policy = awsManagedPolicies.get(`arn:aws:iam::aws:policy/${name}`);
    if (policy === undefined) throw new Error(`no model of ${name}`);
    return actions.filter((action) => judge([policy], { action, resource: 'arn:aws:x:::y' }, {}) === 'allowed');
  };
  test('ReadOnlyAccess reads, and hands out no secret', () => {
    expect(allowed('ReadOnlyAccess', reads)).toEqual(reads.slice(0, 4));
    expect(allowed('ReadOnlyAccess', acts)).toEqual([]);
  });
  test('AdministratorAccess does all', () => {
    expect(allowed('AdministratorAccess', [...acts, 'iam:CreateUser'])).toHaveLength(5);
  });
  test('PowerUserAccess does all but IAM', () => {
    expect(allowed('PowerUserAccess', [...acts, 'iam:CreateUser', 'iam:ListRoles'])).toEqual([
      ...acts,
      'iam:ListRoles',
    ]);
  });
});
