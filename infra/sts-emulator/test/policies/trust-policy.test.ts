import {
  type TrustPolicy,
  type TrustRequest,
  trustPolicySchema,
  trusts,
} from '@gatehouse/sts-emulator/policies/trust-policy';
import { describe, expect, test } from 'vitest';

const allowsAssumeRole = (policy: TrustPolicy, request: TrustRequest) => trusts(policy, 'sts:AssumeRole', request);
const user = 'arn:aws:iam::123456789012:user/gatehouse';
const keysOnly: TrustRequest = { accountId: '123456789012', callerArns: [user] };
const noMfa: TrustRequest = { ...keysOnly, mfaPresent: false };
const fresh: TrustRequest = { ...keysOnly, mfaPresent: true, mfaAgeSeconds: 0 };
const old: TrustRequest = { ...keysOnly, mfaPresent: true, mfaAgeSeconds: 3600 };

const allow = (fields: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: user },
  Action: 'sts:AssumeRole',
  ...fields,
});
const demand = (Condition: object) => allow({ Condition });
const present = demand({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } });
const presentIfExists = demand({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } });
const recent = demand({ NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } });

describe('conditions', () => {
  test.each([
    ['present', present, { keysOnly: false, noMfa: false, fresh: true, old: true }],
    [
      'present, as a boolean',
      demand({ Bool: { 'aws:MultiFactorAuthPresent': true } }),
      { keysOnly: false, noMfa: false, fresh: true, old: true },
    ],
    [
      'present, key in other case',
      demand({ Bool: { 'AWS:multifactorauthpresent': 'True' } }),
      { keysOnly: false, noMfa: false, fresh: true, old: true },
    ],
    // The known trap of IfExists: long-lived keys carry no such key at all, and so pass.
    ['present if it exists', presentIfExists, { keysOnly: true, noMfa: false, fresh: true, old: true }],
    [
      'absent',
      demand({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }),
      { keysOnly: false, noMfa: true, fresh: false, old: false },
    ],
    ['age less than an hour', recent, { keysOnly: false, noMfa: false, fresh: true, old: false }],
    [
      'age if it exists',
      demand({ NumericLessThanIfExists: { 'aws:MultiFactorAuthAge': 3600 } }),
      { keysOnly: true, noMfa: true, fresh: true, old: false },
    ],
    [
      'age up to an hour',
      demand({ NumericLessThanEquals: { 'aws:MultiFactorAuthAge': '3600' } }),
      { keysOnly: false, noMfa: false, fresh: true, old: true },
    ],
    [
      'both',
      demand({ Bool: { 'aws:MultiFactorAuthPresent': 'true' }, NumericLessThan: { 'aws:MultiFactorAuthAge': '60' } }),
      { keysOnly: false, noMfa: false, fresh: true, old: false },
    ],
    ['none', allow(), { keysOnly: true, noMfa: true, fresh: true, old: true }],
    [
      'a denial without MFA',
      [
        allow(),
        { ...presentIfExists, Effect: 'Deny', Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } },
      ],
      { keysOnly: false, noMfa: false, fresh: true, old: true },
    ],
  ])('%s', (_name, Statement, expected) => {
    const policy = trustPolicySchema.parse({ Version: '2012-10-17', Statement });
    const outcome = Object.entries({ keysOnly, noMfa, fresh, old }).map(([name, request]) => [
      name,
      allowsAssumeRole(policy, request),
    ]);
    expect(Object.fromEntries(outcome)).toEqual(expected);
  });

  test('an external id is compared as it is', () => {
    const policy = trustPolicySchema.parse({ Statement: demand({ StringEquals: { 'sts:ExternalId': ['a1', 'b2'] } }) });
    expect(allowsAssumeRole(policy, { ...keysOnly, externalId: 'b2' })).toBe(true);
    expect(allowsAssumeRole(policy, { ...keysOnly, externalId: 'B2' })).toBe(false);
    expect(allowsAssumeRole(policy, keysOnly)).toBe(false);
  });
});

describe('tags and source identity', () => {
  const tags = { user: 'ada', workspace: 'network', run: 'run-1' };
  const carrying: TrustRequest = { ...fresh, tags, sourceIdentity: 'ada', roleSessionName: 'gatehouse-run-1' };
  test.each([
    ['a tag of the request', { StringEquals: { 'aws:RequestTag/Workspace': ['network', 'dns'] } }, true],
    ['a tag with another value', { StringEquals: { 'aws:RequestTag/workspace': 'dns' } }, false],
    ['a tag that is not there', { StringLike: { 'aws:RequestTag/team': '*' } }, false],
    ['a tag that must not be there', { Null: { 'aws:RequestTag/team': 'true' } }, true],
    ['a tag that must be there', { Null: { 'aws:RequestTag/run': 'false' } }, true],
    ['all keys', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['user', 'workspace', 'run'] } }, true],
    ['all keys but one', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['user', 'workspace'] } }, false],
    ['some key', { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'work*' } }, true],
    ['an identity by pattern', { StringLike: { 'sts:SourceIdentity': 'a?a' } }, true],
    ['an identity that is somebody else', { StringEquals: { 'sts:SourceIdentity': 'Ada' } }, false],
    ['an identity that must not be', { StringNotEquals: { 'sts:SourceIdentity': ['ada', 'bob'] } }, false],
    ['a session name by pattern', { StringLike: { 'sts:RoleSessionName': 'gatehouse-*' } }, true],
    ['a session name with a dot as it is', { StringLike: { 'sts:RoleSessionName': 'gatehouse.run.1' } }, false],
  ])('%s', (_name, Condition, expected) => {
    const policy = trustPolicySchema.parse({ Statement: allow({ Action: 'sts:*', Condition }) });
    expect(trusts(policy, 'sts:TagSession', carrying)).toBe(expected);
  });

  test.each([
    ['sts:AssumeRole', [true, false, false]],
    [
      ['sts:AssumeRole', 'sts:TagSession'],
      [true, true, false],
    ],
    ['sts:*', [true, true, true]],
    ['STS:set*', [false, false, true]],
    ['sts:?agSession', [false, true, false]],
  ])('the actions %s allow AssumeRole, TagSession, SetSourceIdentity: %o', (Action, expected) => {
    const policy = trustPolicySchema.parse({ Statement: [allow({ Action })] });
    const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'] as const;
    expect(actions.map((action) => trusts(policy, action, carrying))).toEqual(expected);
  });

  test('each action is judged by the statements that name it, their conditions included', () => {
    const policy = trustPolicySchema.parse({
      Statement: [
        allow(),
        allow({ Action: 'sts:TagSession', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      ],
    });
    const without: TrustRequest = { ...keysOnly, tags };
    expect([trusts(policy, 'sts:AssumeRole', without), trusts(policy, 'sts:TagSession', without)]).toEqual([
      true,
      false,
    ]);
    expect(trusts(policy, 'sts:TagSession', carrying)).toBe(true);
  });
});

describe('principals and actions', () => {
  test.each([
    ['the user', { Principal: { AWS: user } }, true],
    ['a list with the user', { Principal: { AWS: ['arn:aws:iam::123456789012:user/other', user] } }, true],
    ['another user', { Principal: { AWS: 'arn:aws:iam::123456789012:user/other' } }, false],
    ['the account’s root', { Principal: { AWS: 'arn:aws:iam::123456789012:root' } }, true],
    ['the account’s number', { Principal: { AWS: '123456789012' } }, true],
    ['another account', { Principal: { AWS: 'arn:aws:iam::999999999999:root' } }, false],
    ['everybody', { Principal: '*' }, true],
    ['everybody of AWS', { Principal: { AWS: '*' } }, true],
    ['a service', { Principal: { Service: 'ec2.amazonaws.com' } }, false],
    ['another action', { Action: 'sts:TagSession' }, false],
    ['a list of actions', { Action: ['sts:TagSession', 'sts:AssumeRole'] }, true],
    ['all actions of STS', { Action: 'sts:*' }, true],
    ['only a denial', { Effect: 'Deny' }, false],
  ])('%s', (_name, fields, expected) => {
    const policy = trustPolicySchema.parse({ Statement: [allow(fields)] });
    expect(allowsAssumeRole(policy, fresh)).toBe(expected);
  });

  test('a denial beats an allowance', () => {
    const policy = trustPolicySchema.parse({ Statement: [allow(), allow({ Effect: 'Deny' })] });
    expect(allowsAssumeRole(policy, fresh)).toBe(false);
  });
});

test.each([
  ['an unknown condition key', demand({ Bool: { 'aws:SecureTransport': 'true' } })],
  ['an unknown operator', demand({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })],
  ['NotPrincipal', { Effect: 'Allow', NotPrincipal: { AWS: user }, Action: 'sts:AssumeRole' }],
])('what cannot be evaluated is refused when given: %s', (_name, Statement) => {
  expect(trustPolicySchema.safeParse({ Statement }).success).toBe(false);
});
