import { expect, test } from 'vitest';
import { extendRange, formatLineRange, parseLineRange } from '../../../src/features/log/line-range.ts';

test.each([
  ['#plan-L120', { phase: 'plan', first: 120, last: 120 }],
  ['#apply-L134-L120', { phase: 'apply', first: 120, last: 134 }],
])('%s names lines', (hash, range) => {
  expect(parseLineRange(hash)).toEqual(range);
});

test.each(['', '#', '#plan', '#plan-L0', '#plan-Lx', '#evil-L1', '#plan-L1-L', '#plan-L1234567890'])(
  '%j names none',
  (hash) => {
    expect(parseLineRange(hash)).toBeUndefined();
  },
);

test('a range is written as it is read', () => {
  expect(formatLineRange({ phase: 'plan', first: 3, last: 3 })).toBe('#plan-L3');
  expect(formatLineRange({ phase: 'plan', first: 3, last: 9 })).toBe('#plan-L3-L9');
});

test('a range is drawn from the line that was chosen before, in the same log', () => {
  const before = { phase: 'plan', first: 10, last: 10 } as const;
  expect(extendRange(before, 'plan', 4)).toEqual({ phase: 'plan', first: 4, last: 10 });
  expect(extendRange(before, 'apply', 4)).toEqual({ phase: 'apply', first: 4, last: 4 });
});
