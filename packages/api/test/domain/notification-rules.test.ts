import { describe, expect, test } from 'vitest';
import {
  isSuccess,
  keptBody,
  keptHeaders,
  maxTries,
  mayTakeLater,
  nextTryAt,
  refusalOfUrl,
} from '../../src/domain/notification-rules.ts';

test.each([
  'https://hooks.slack.com/services/T0/B0/secret',
  'http://receiver.example:8080/a?b=c',
  'https://[2600:1f18::1]/',
])('%s is an address', (url) => {
  expect(refusalOfUrl(url)).toBeUndefined();
});

test.each([
  ['', /https/],
  ['receiver.example/hook', /https/],
  ['ftp://receiver.example/', /https/],
  ['file:///etc/passwd', /https/],
  ['unix:///run/docker.sock', /https/],
  ['gopher://127.0.0.1:6379/_SET', /https/],
  ['http://', /https/],
  ['https://user@receiver.example/', /password/],
  ['https://user:pw@receiver.example/', /password/],
  ['https://:pw@receiver.example/', /password/],
  [`https://receiver.example/${'a'.repeat(2_000)}`, /characters/],
])('%s is none', (url, why) => {
  expect(refusalOfUrl(url)).toMatch(why);
});

test.each([
  [200, true, false],
  [204, true, false],
  [301, false, false],
  [400, false, false],
  [404, false, false],
  [410, false, false],
  [408, false, true],
  [429, false, true],
  [500, false, true],
  [503, false, true],
] as const)('%i: success %s, later %s', (code, success, later) => {
  expect([isSuccess(code), mayTakeLater(code)]).toEqual([success, later]);
});

test('tries become rarer and come to an end', () => {
  const now = new Date(0);
  const delays = Array.from({ length: maxTries }, (_, index) => nextTryAt(index + 1, now)?.getTime());
  const given = delays.slice(0, -1).map((delay) => delay ?? 0);
  expect(given.every((delay, index) => delay > (given[index - 1] ?? 0))).toBe(true);
  expect(delays.at(-1)).toBeUndefined();
});

describe('of an answer', () => {
  test('headers that could let somebody in are dropped, whatever their spelling', () => {
    const headers = {
      'content-type': ['text/plain'],
      'set-cookie': ['session=1'],
      'X-Auth-Token': ['t'],
      authorization: ['Bearer x'],
      'www-authenticate': ['Basic'],
      'x-api-key': ['k'],
      'x-csrf-token': ['c'],
      'x-request-id': ['1'],
    };
    expect(Object.keys(keptHeaders(headers))).toEqual(['content-type', 'x-request-id']);
  });

  test('little is kept, however much there is', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, ['v'.repeat(10_000)]]));
    const kept = keptHeaders(many);
    expect(Object.keys(kept)).toHaveLength(50);
    expect(kept['x-0']?.[0]).toHaveLength(500);
    expect(keptBody('b'.repeat(10_000))).toHaveLength(1_001);
    expect(keptBody('short')).toBe('short');
  });
});
