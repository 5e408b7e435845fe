import { describe, expect, test } from 'vitest';
import {
  compareStrength,
  holdingVariables,
  type VariableOrigin,
  type VariableSetOrigin,
} from '../src/variable-precedence.ts';

const set = (name: string, more: Partial<VariableSetOrigin> = {}): VariableSetOrigin => ({
  kind: 'set',
  name,
  reach: 'workspace',
  isPriority: false,
  ...more,
});

/** From the strongest to the weakest: every pair of it is asked both ways. */
const order: readonly [string, VariableOrigin][] = [
  ['a priority set that is global', set('m', { isPriority: true, reach: 'global' })],
  ['a later one of them', set('n', { isPriority: true, reach: 'global' })],
  ['a priority set of the workspace', set('a', { isPriority: true })],
  ['a later one of those', set('b', { isPriority: true })],
  ["the run's own", { kind: 'run' }],
  ["the workspace's own", { kind: 'workspace' }],
  ['a set of the workspace, in capitals', set('Z')],
  ['one in small letters', set('a')],
  ['one that begins the same and goes on', set('aa')],
  ['one whose name stands before in UTF-16 only', set('\u{ff5e}')],
  ['one beyond the basic plane', set('\u{1f600}')],
  ['a global set', set('A', { reach: 'global' })],
  ["the organization's", { kind: 'organization' }],
];

const pairs = order.flatMap(([stronger, one], index) =>
  order.slice(index + 1).map(([weaker, other]) => [stronger, weaker, one, other] as const),
);

test.each(pairs)('%s wins over %s', (_stronger, _weaker, one, other) => {
  expect(compareStrength(one, other)).toBeLessThan(0);
  expect(compareStrength(other, one)).toBeGreaterThan(0);
});

test.each(order)('%s is as strong as itself', (_name, origin) => {
  expect(compareStrength(origin, { ...origin })).toBe(0);
});

describe('of each name', () => {
  const variable = (value: string, origin: VariableOrigin, name: { key?: string; category?: string } = {}) => ({
    key: 'region',
    category: 'env',
    value,
    origin,
    ...name,
  });

  test('one holds, in whatever order they come', () => {
    const all = order.map(([name, origin]) => variable(name, origin));
    for (const given of [all, all.toReversed()]) {
      expect(holdingVariables(given).map(({ value }) => value)).toEqual(['a priority set that is global']);
    }
  });

  test('another category, or another spelling, is another name', () => {
    const given = [
      variable('organization', { kind: 'organization' }),
      variable('terraform', { kind: 'organization' }, { category: 'terraform' }),
      variable('capitals', { kind: 'organization' }, { key: 'REGION' }),
      variable('set', set('s')),
    ];
    for (const all of [given, given.toReversed()]) {
      expect(holdingVariables(all).map(({ value }) => value)).toEqual(['capitals', 'set', 'terraform']);
    }
  });
});
