import { expect, test } from 'vitest';
import { countChanges } from '../../src/phases/plan-counts.ts';

const change = (actions: string[], more: object = {}) => ({ mode: 'managed', ...more, change: { actions, ...more } });

test('a replacement is one of each, an import counts beside its action, data sources do not count', () => {
  const plan = {
    format_version: '1.2',
    resource_changes: [
      change(['create']),
      change(['update']),
      change(['delete', 'create']),
      change(['create', 'delete']),
      change(['no-op'], { importing: { id: 'i-1' } }),
      change(['delete']),
      change(['read'], { mode: 'data' }),
    ],
  };
  expect(countChanges(plan)).toEqual({
    resourceAdditions: 3,
    resourceChanges: 1,
    resourceDestructions: 3,
    resourceImports: 1,
  });
});

test('a plan without resources has no changes', () => {
  expect(countChanges({})).toMatchObject({ resourceAdditions: 0 });
});
