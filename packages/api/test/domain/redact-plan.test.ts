import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newSensitiveValue, sensitiveValue } from '../../src/domain/hide-texts.ts';
import { redactPlan } from '../../src/domain/redact-plan.ts';

const plan = (change: object, more: object = {}) => ({
  format_version: '1.2',
  terraform_version: '1.11.4',
  resource_changes: [{ address: 'a.b', change: { actions: ['update'], ...change } }],
  ...more,
});
const changeOf = (json: unknown, secrets: string[] = []) => redactPlan(json, secrets).resource_changes?.[0]?.change;

test('values that terraform marks are replaced, and that they change stays to be seen', () => {
  const redacted = changeOf(
    plan({
      before: { password: 'old', token: 'same', name: 'x', list: [{ key: 'k1' }] },
      after: { password: 'new', token: 'same', name: 'y', list: [{ key: 'k2' }], fresh: 's3cr3t' },
      before_sensitive: { password: true, token: true, list: [{ key: true }] },
      after_sensitive: { password: true, token: true, list: [{ key: true }], fresh: true },
    }),
  );
  expect(redacted).toMatchObject({
    before: { password: sensitiveValue, token: sensitiveValue, name: 'x', list: [{ key: sensitiveValue }] },
    after: {
      password: newSensitiveValue,
      token: sensitiveValue,
      name: 'y',
      list: [{ key: newSensitiveValue }],
      fresh: sensitiveValue,
    },
    before_sensitive: { password: true, token: true, list: [{ key: true }] },
  });
});

test('a whole side that is sensitive is replaced whole; what is not there stays so', () => {
  const redacted = changeOf(
    plan({ before: null, after: { a: 'secret' }, before_sensitive: false, after_sensitive: true }),
  );
  expect(redacted).toMatchObject({ before: null, after: sensitiveValue });
});

test('the values of sensitive variables are found inside of other texts, longest first', () => {
  const change = { before: null, after: { user_data: 'export KEY=hunter22 P=hunter2!' }, after_sensitive: {} };
  expect(changeOf(plan(change), ['hunter2', 'hunter22', 'x'])).toMatchObject({
    after: { user_data: `export KEY=${sensitiveValue} P=${sensitiveValue}!` },
  });
});

test('state, configuration and variables are not in it at all', () => {
  const secretive = {
    prior_state: { values: { outputs: { p: { value: 'deep' } } } },
    planned_values: { root_module: {} },
    configuration: { provider_config: { aws: { expressions: { secret_key: { constant_value: 'deep' } } } } },
    variables: { p: { value: 'deep' } },
    output_changes: { p: { actions: ['create'], before: null, after: 'deep', after_sensitive: true } },
    resource_drift: [{ address: 'a', change: { actions: ['update'], before: 'deep', before_sensitive: true } }],
  };
  const redacted = redactPlan(plan({}, secretive), []);
  expect(Object.keys(redacted).toSorted()).toEqual(
    ['format_version', 'output_changes', 'resource_changes', 'resource_drift', 'terraform_version'].toSorted(),
  );
  expect(JSON.stringify(redacted)).not.toContain('deep');
});

test('wherever a secret stands, marked or inside of a text, it is not in the answer', () => {
  const secret = 'Zq9!secret';
  const value: fc.Arbitrary<{ value: unknown; mask: unknown }> = fc.letrec<{ node: { value: unknown; mask: unknown } }>(
    (tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.record({ value: fc.constantFrom(secret, [secret], { a: secret }), mask: fc.constant(true) }),
        fc.record({
          value: fc.constantFrom(`x${secret}y`, 'plain', 1, null, true),
          mask: fc.constantFrom(false, {}, undefined),
        }),
        fc
          .array(tie('node'), { maxLength: 3 })
          .map((items) => ({ value: items.map((item) => item.value), mask: items.map((item) => item.mask) })),
        fc.dictionary(fc.constantFrom('a', 'b', '__proto__', secret), tie('node'), { maxKeys: 3 }).map((items) => ({
          value: Object.fromEntries(Object.entries(items).map(([key, item]) => [key, item.value])),
          mask: Object.fromEntries(Object.entries(items).map(([key, item]) => [key, item.mask])),
        })),
      ),
    }),
  ).node;
  fc.assert(
    fc.property(value, value, (before, after) => {
      const change = {
        before: before.value,
        after: after.value,
        before_sensitive: before.mask,
        after_sensitive: after.mask,
      };
      expect(JSON.stringify(changeOf(plan(change), [secret]))).not.toContain(secret);
    }),
  );
});

test('what is no plan is refused', () => {
  expect(() => redactPlan({ format_version: 1 }, [])).toThrow();
});

test('what a client branches on stays as it is, even where a secret has the same words', () => {
  const structure = { mode: 'managed', type: 'aws_thing', provider_name: 'registry/x/aws', action_reason: 'replace_x' };
  const words = ['managed', 'aws_thing', 'registry/x/aws', 'replace_x', 'create', 'update', 'data', 'true'];
  const change = { actions: ['create'], before: null, after: { kind: 'aws_thing' }, after_unknown: { id: true } };
  const resource = { address: 'aws_thing.a', ...structure, change };
  const [redacted] = redactPlan(plan({}, { resource_changes: [resource] }), words).resource_changes ?? [];
  expect(redacted).toMatchObject({ ...structure, address: `${sensitiveValue}.a` });
  expect(redacted?.change).toMatchObject({
    actions: ['create'],
    after: { kind: sensitiveValue },
    after_unknown: { id: true },
  });
});

test('which attributes a drift matters for is told, without secrets', () => {
  const relevant = [{ resource: 'a.b', attribute: ['tags', 'hunter2', 0] }];
  expect(redactPlan(plan({}, { relevant_attributes: relevant }), ['hunter2']).relevant_attributes).toEqual([
    { resource: 'a.b', attribute: ['tags', sensitiveValue, 0] },
  ]);
});
