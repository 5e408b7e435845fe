import { expect, test } from 'vitest';
import type { VariableSet } from '../../../src/api-client/variable-sets.ts';
import type { Variable } from '../../../src/api-client/variables.ts';
import { neededVariables } from '../../../src/features/environments/needed-variables.tsx';
import { placedVariables, wordsOfOrigin } from '../../../src/features/variables/winning-variables.ts';

function aVariable(id: string, key: string, changes: Partial<Variable> = {}): Variable {
  const rest = { category: 'env', isSensitive: false, isHcl: false, description: '', updatedAt: 0 } as const;
  return { id, key, value: 'value', ...rest, ...changes };
}

test("an environment's own wins over its organization's; another kind of the same name does not", () => {
  const own = [aVariable('own', 'region'), aVariable('terraform', 'size', { category: 'terraform' })];
  const shared = [aVariable('shared', 'region'), aVariable('env', 'size')];
  const standings = placedVariables({ own, organizations: shared, sets: [] }).map(({ variable, standing }) => [
    variable.id,
    standing,
  ]);
  expect(standings).toEqual([
    ['own', 'overrides'],
    ['shared', 'overridden'],
    ['terraform', 'holds'],
    ['env', 'holds'],
  ]);
});

test('an empty value is none, a secret is one, and a terraform variable of the name does not count', () => {
  const own = [
    aVariable('1', 'AWS_ACCESS_KEY_ID', { value: '' }),
    aVariable('2', 'AWS_MFA_SERIAL_NUMBER', { category: 'terraform' }),
  ];
  const shared = [aVariable('3', 'AWS_SECRET_ACCESS_KEY', { isSensitive: true, value: undefined })];
  expect(neededVariables({ own, organizations: shared, sets: [] }).map(({ from }) => from)).toEqual([
    undefined,
    { kind: 'organization' },
    undefined,
  ]);
});

function aSet(name: string, variables: Variable[], changes: Partial<VariableSet['origin']> = {}): VariableSet {
  return { id: name, origin: { kind: 'set', name, reach: 'workspace', isPriority: false, ...changes }, variables };
}

test('a set stands between the environment and its organization, and a priority set above both', () => {
  const named = (id: string, ...keys: string[]) => keys.map((key) => aVariable(`${id}-${key}`, key));
  const placed = placedVariables({
    own: named('own', 'a', 'b'),
    organizations: named('shared', 'a', 'b', 'c'),
    sets: [
      aSet('global', named('global', 'c', 'd'), { reach: 'global' }),
      aSet('plain', named('plain', 'b', 'c')),
      aSet('must', named('must', 'a'), { isPriority: true }),
    ],
  });
  expect(
    placed.map(({ variable, standing, against }) => [variable.id, standing, against && wordsOfOrigin(against)]),
  ).toEqual([
    ['must-a', 'overrides', 'the environment'],
    ['own-a', 'overridden', 'the priority set “must”'],
    ['shared-a', 'overridden', 'the priority set “must”'],
    ['own-b', 'overrides', 'the set “plain”'],
    ['plain-b', 'overridden', 'the environment'],
    ['shared-b', 'overridden', 'the environment'],
    ['plain-c', 'overrides', 'the set “global”'],
    ['global-c', 'overridden', 'the set “plain”'],
    ['shared-c', 'overridden', 'the set “plain”'],
    ['global-d', 'holds', undefined],
  ]);
});

test('what MFA needs may come from a set, and an empty value that holds is missing whatever lies below it', () => {
  const keys = aSet('aws', [
    aVariable('1', 'AWS_ACCESS_KEY_ID'),
    aVariable('2', 'AWS_SECRET_ACCESS_KEY', { isSensitive: true, value: undefined }),
  ]);
  const own = [aVariable('3', 'AWS_ACCESS_KEY_ID', { value: '' })];
  const organizations = [aVariable('4', 'AWS_MFA_SERIAL_NUMBER')];
  expect(neededVariables({ own, organizations, sets: [keys] }).map(({ from }) => from && wordsOfOrigin(from))).toEqual([
    undefined,
    'the set “aws”',
    'the organization',
  ]);
});
