import { expect, test } from 'vitest';
import { agoWords, durationWords, exactTime, stopwatch } from '../../src/components/duration-words.ts';

test.each([
  [-5_000, '0 s'],
  [59_999, '59 s'],
  [29 * 60_000, '29 min'],
  [125 * 60_000, '2 h 05 min'],
  [76 * 3_600_000, '3 d 4 h'],
])('%d ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test('what runs shows each second', () => {
  expect([0, 42_999, 271_000, 3_730_000].map(stopwatch)).toEqual(['0:00', '0:42', '4:31', '1:02:10']);
});

test('what was just now needs no number', () => {
  expect([0, 9_000, 12_000].map(agoWords)).toEqual(['just now', 'just now', '12 s ago']);
});

test('the exact time is UTC', () => {
  expect(exactTime(Date.UTC(2026, 4, 3, 14, 32, 10))).toBe('2026-05-03 14:32:10 UTC');
});
