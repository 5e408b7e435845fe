import { expect, test } from 'vitest';
import type { Variable } from '../../../src/api-client/variables.ts';
import { neededVariables } from '../../../src/features/environments/needed-variables.tsx';
import { placedVariables } from '../../../src/features/variables/winning-variables.ts';

function aVariable(id: string, key: string, changes: Partial<Variable> = {}): Variable {
  const rest = { category: 'env', isSensitive: false, isHcl: false, description: '', updatedAt: 0 } as const;
  return { id, key, value: 'value', ...rest, ...changes };
}

test("an environment's own wins over its organization's; another kind of the same name does not", () => {
  const own = [aVariable('own', 'region'), aVariable('terraform', 'size', { category: 'terraform' })];
  const shared = [aVariable('shared', 'region'), aVariable('env', 'size')];
  const standings = placedVariables(own, shared).map(({ variable, standing }) => [variable.id, standing]);
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
  expect(neededVariables(own, shared).map(({ from }) => from)).toEqual([undefined, 'organization', undefined]);
});
