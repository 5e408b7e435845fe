import { expect, test } from 'vitest';
import { sessionTimes } from '../../src/phases/session-times.ts';

const now = Date.parse('2030-01-01T00:00:00Z');
const seconds = (date: Date) => (date.getTime() - now) / 1000;

test.each([
  ['an hour: ten minutes before, and the margin', 3_600, 600, 120, 3_000, 3_480],
  ['a quarter of an hour: its half', 900, 600, 120, 450, 780],
  ['half a minute: no more than a fifth is given up', 30, 600, 120, 15, 24],
  ['asking would come after the stop: its half as well', 3_600, 100, 120, 1_800, 3_480],
  ['over already', -5, 600, 120, -5, -5],
])('%s', (_what, lifeSeconds, extendSeconds, marginSeconds, asks, stops) => {
  const { asksAt, stopsAt } = sessionTimes(new Date(now + lifeSeconds * 1000), {
    now,
    marginMs: marginSeconds * 1000,
    extendBeforeMs: extendSeconds * 1000,
  });
  expect([seconds(asksAt), seconds(stopsAt)]).toEqual([asks, stops]);
});
