import { expect, test } from 'vitest';
import { missingActions, principalOf, roleTrustPolicy } from '../../src/domain/role-trust-policy.ts';

test.each([
  [true, true, []],
  [false, true, ['sts:TagSession']],
  [true, false, ['sts:SetSourceIdentity']],
  [false, false, ['sts:TagSession', 'sts:SetSourceIdentity']],
])('a role that takes tags %s and a source identity %s lacks %j', (tags, sourceIdentity, missing) => {
  expect(missingActions({ tags, sourceIdentity })).toEqual(missing);
});

test('the policy to paste lets in who holds the keys, with a code where every session has one', () => {
  const principal = 'arn:aws:iam::123456789012:user/mia';
  const [statement] = roleTrustPolicy({ principal, demandsCode: true }).Statement;
  expect(statement).toEqual({
    Sid: 'Gatehouse',
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  });
  expect(roleTrustPolicy({ principal, demandsCode: false }).Statement[0]).not.toHaveProperty('Condition');
});

test('whose keys they are is said where it is known, else where to put it', () => {
  const role = 'arn:aws-cn:iam::123456789012:role/deploy';
  const arn = 'arn:aws-cn:iam::123456789012:user/mia';
  expect(principalOf(role, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', arn })).toBe(arn);
  const words = principalOf(role, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', arn: null });
  expect(words).toBe('arn:aws-cn:iam::<account>:user/<the IAM user whose access key ends in MPLE>');
});
