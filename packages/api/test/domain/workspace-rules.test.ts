import { expect, test } from 'vitest';
import { planPolicies, refusalOfSession, type SessionSettings } from '../../src/domain/workspace-rules.ts';

const role = 'arn:aws:iam::123456789012:role/deploy';
const own = 'arn:aws:iam::123456789012:policy/team/plans';
const plain: SessionSettings = {
  roleArn: null,
  roleMaxSessionSeconds: null,
  planSessionPolicy: null,
  planPolicyArns: null,
  sessionDurationSeconds: 3600,
  sessionDurationAutomatic: false,
};

test.each<[string, Partial<SessionSettings>]>([
  ['nothing special', {}],
  ['36 hours without a role', { sessionDurationSeconds: 129_600 }],
  ['12 hours of a role', { roleArn: role, sessionDurationSeconds: 43_200 }],
  ['as long as the role allows', { roleArn: role, roleMaxSessionSeconds: 7200, sessionDurationSeconds: 7200 }],
  [
    'an automatic length, whatever was set before it',
    { roleArn: role, roleMaxSessionSeconds: 3600, sessionDurationSeconds: 129_600, sessionDurationAutomatic: true },
  ],
  [
    'policies of AWS and of the account',
    { roleArn: role, planPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess', own] },
  ],
  ['no policies at all, with a role', { roleArn: role, planPolicyArns: [] }],
  ['no policies at all, without one', { planPolicyArns: [] }],
])('%s is taken', (_what, given) => {
  expect(refusalOfSession({ ...plain, ...given })).toBeUndefined();
});

test.each<[string, Partial<SessionSettings>, string, RegExp]>([
  ['too short', { sessionDurationSeconds: 899 }, 'session-duration-seconds', /900 to 129600/],
  ['too long', { sessionDurationSeconds: 129_601 }, 'session-duration-seconds', /129600/],
  ['too long for a role', { roleArn: role, sessionDurationSeconds: 43_201 }, 'session-duration-seconds', /43200/],
  [
    'longer than this role allows',
    { roleArn: role, roleMaxSessionSeconds: 3600, sessionDurationSeconds: 7200 },
    'session-duration-seconds',
    /3600 seconds \(role-max-session-seconds\)/,
  ],
  ['a policy without a role', { planSessionPolicy: '{}' }, 'plan-session-policy', /role-arn/],
  ['managed policies without a role', { planPolicyArns: [own] }, 'plan-policy-arns', /role-arn/],
  ['what a role allows without one', { roleMaxSessionSeconds: 3600 }, 'role-max-session-seconds', /role-arn/],
  [
    'a policy of another account',
    { roleArn: role, planPolicyArns: [own, 'arn:aws:iam::999999999999:policy/plans'] },
    'plan-policy-arns',
    /arn:aws:iam::999999999999:policy\/plans is neither/,
  ],
  [
    'a policy of another partition',
    { roleArn: role, planPolicyArns: ['arn:aws-cn:iam::aws:policy/ReadOnlyAccess'] },
    'plan-policy-arns',
    /neither/,
  ],
])('%s is refused', (_what, given, field, detail) => {
  const refusal = refusalOfSession({ ...plain, ...given });
  expect(refusal?.field).toBe(field);
  expect(refusal?.detail).toMatch(detail);
});

test.each([
  ['arn:aws:iam::aws:policy/ReadOnlyAccess', true],
  ['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess', true],
  [own, true],
  ['arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess', true],
  ['arn:aws:iam::12345:policy/x', false],
  ['arn:aws:iam::123456789012:role/x', false],
  ['ReadOnlyAccess', false],
  ['arn:aws:iam::aws:policy/', false],
  ['arn:aws:iam::aws:policy/a b', false],
])('%s names a policy: %s', (arn, isPolicy) => {
  expect(planPolicies.pattern.test(arn)).toBe(isPolicy);
});
