import { allowsAssumeRole, type TrustRequest, trustPolicySchema } from '@gatehouse/sts-emulator/trust-policy';
import { describe, expect, test } from 'vitest';

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
