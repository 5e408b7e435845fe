import { describe, expect, test } from 'vitest';
import { afterTyping, pastedCode, secondsToNextCode } from '../../../src/features/mfa/typed-code.ts';

describe('typing', () => {
  test('keeps digits, a zero at the start too', () => {
    expect(afterTyping('', '04a8 3')).toEqual({ digits: '0483', hasTooMany: false });
  });

  test('does not take a seventh digit', () => {
    expect(afterTyping('123456', '1234567')).toEqual({ digits: '123456', hasTooMany: true });
  });
});

describe('pasting', () => {
  test.each(['123456', '123 456', '123-456', ' 123456\n', 'Code: 123456', 'Your code is 123456.'])(
    'finds the code in %j',
    (text) => {
      expect(pastedCode(text)).toBe('123456');
    },
  );

  test.each(['', 'a b', '12345', '1234567', '123456 or 654321', '12 34 567', 'call 112, code 123456'])(
    'finds none in %j',
    (text) => {
      expect(pastedCode(text)).toBeUndefined();
    },
  );
});

test('a new code comes at each half minute', () => {
  expect(secondsToNextCode(Date.UTC(2026, 0, 1, 0, 0, 0))).toBe(30);
  expect(secondsToNextCode(Date.UTC(2026, 0, 1, 0, 0, 29, 999))).toBe(1);
  expect(secondsToNextCode(Date.UTC(2026, 0, 1, 0, 0, 42))).toBe(18);
});
