import { expect, test } from 'vitest';
import { isId, newId } from '../src/ids.ts';

test('an id has its prefix and 22 characters that nobody mistakes for one another', () => {
  expect(newId('run')).toMatch(/^run-[1-9A-HJ-NP-Za-km-z]{22}$/);
  expect(isId('run', newId('run'))).toBe(true);
  expect(isId('run', newId('plan'))).toBe(false);
  expect(isId('run', 'run-short')).toBe(false);
});

test('ids sort by the time they were made', () => {
  const ids = [1, 1_700_000_000_000, 1_700_000_000_001, 1_900_000_000_000].map((ms) => newId('run', ms));
  expect([...ids].sort()).toEqual(ids);
});

test('ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId('run', 1))).size).toBe(10_000);
});
