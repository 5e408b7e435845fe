import { expect, test } from 'vitest';
import { planPolicyArnsOf } from '../../src/domain/session-policy.ts';

const role = 'arn:aws:iam::123456789012:role/deploy';
const own = ['arn:aws:iam::123456789012:policy/plans'];

test.each([
  ['without a role there is nothing to narrow', { roleArn: null, planPolicyArns: own }, []],
  ['a plan reads everything and writes nothing by default', {}, ['arn:aws:iam::aws:policy/ReadOnlyAccess']],
  [
    'in each partition by the policy of that partition',
    { roleArn: 'arn:aws-us-gov:iam::123456789012:role/deploy' },
    ['arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess'],
  ],
  ['policies that were named hold instead', { planPolicyArns: own }, own],
  ['none, when none was asked for', { planPolicyArns: [] }, []],
  ['an inline policy is not widened by the default', { planSessionPolicy: '{"Statement":[]}' }, []],
  ['nor by anything but what was named', { planSessionPolicy: '{"Statement":[]}', planPolicyArns: own }, own],
])('%s', (_rule, given, arns) => {
  const plain = { roleArn: role, planSessionPolicy: null, planPolicyArns: null };
  expect(planPolicyArnsOf({ ...plain, ...given })).toEqual(arns);
});
