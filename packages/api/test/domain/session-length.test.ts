import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  forecastSession,
  type LengthSettings,
  lengthWords,
  shortSessionLine,
} from '../../src/domain/session-length.ts';

const role = 'arn:aws:iam::123456789012:role/deploy';
const settings = (more: Partial<LengthSettings> = {}): LengthSettings => ({
  roleArn: null,
  roleMaxSessionSeconds: null,
  sessionDurationSeconds: 3600,
  sessionDurationAutomatic: true,
  ...more,
});
const took = (...minutes: number[]) => minutes.map((each) => ({ tookMs: each * 60_000, wasCutShort: false }));
const cutShort = (minutes: number) => ({ tookMs: minutes * 60_000, wasCutShort: true });
const forecast = (of: LengthSettings, earlier: ReturnType<typeof took> = [], isChained = false) =>
  forecastSession(of, earlier, { isChained });

describe('an automatic length', () => {
  test.each([
    ['no earlier ones', [], 3600, null],
    ['two, which say too little', took(100, 110), 3600, null],
    ['three', took(30, 40, 60), 60 * 80, 60 * 80],
    ['short ones: AWS gives no less than 15 minutes', took(1, 1, 2), 900, 480],
    ['up to the next minute', took(10, 10, 10.5), 1140, 1140],
    ['19 of which one is an outlier, which counts', took(...Array(18).fill(10), 100), 60 * 130, 60 * 130],
    ['20 of which one is an outlier, which does not', took(...Array(19).fill(10), 100), 1080, 1080],
    ['one that its session cut short, which says enough by itself', [cutShort(58)], 60 * 78, 60 * 78],
    ['many, and one that was cut short', [...took(10, 10, 10), cutShort(58)], 60 * 78, 60 * 78],
  ])('with %s', (_what, earlier, durationSeconds, expectedSeconds) => {
    expect(forecast(settings(), earlier)).toMatchObject({
      durationSeconds,
      expectedSeconds,
      earlierRuns: earlier.length,
      isEnough: true,
    });
  });

  test.each([
    ['GetSessionToken', settings(), 129_600, false],
    ['a role of which nothing is told', settings({ roleArn: role }), 3600, false],
    ['a role that allows four hours', settings({ roleArn: role, roleMaxSessionSeconds: 14_400 }), 14_400, false],
    ['a role by a session', settings({ roleArn: role, roleMaxSessionSeconds: 14_400 }), 3600, true],
    ['keys that are a session, without a role', settings(), 129_600, true],
  ])('never asks for more than AWS gives: %s', (_what, of, limitSeconds, isChained) => {
    const enormous = took(10_000, 10_000, 10_000);
    expect(forecast(of, enormous, isChained)).toMatchObject({
      limitSeconds,
      durationSeconds: limitSeconds,
      isEnough: false,
    });
  });
});

describe('a length that was set', () => {
  test('is asked for whatever earlier runs took, and is told when it is too short', () => {
    const set = settings({ sessionDurationAutomatic: false, sessionDurationSeconds: 1800 });
    expect(forecast(set, took(100, 100, 100))).toMatchObject({
      durationSeconds: 1800,
      expectedSeconds: 60 * 130,
      isEnough: false,
    });
    expect(forecast(set, took(5, 5, 5))).toMatchObject({ durationSeconds: 1800, isEnough: true });
  });

  test('says with it that the role allows as much, unless what it allows was told', () => {
    const set = { roleArn: role, sessionDurationAutomatic: false, sessionDurationSeconds: 7200 };
    expect(forecast(settings(set))).toMatchObject({ durationSeconds: 7200, limitSeconds: 7200 });
    expect(forecast(settings({ ...set, roleMaxSessionSeconds: 10_800 }))).toMatchObject({
      durationSeconds: 7200,
      limitSeconds: 10_800,
    });
    expect(forecast(settings(set), [], true)).toMatchObject({ durationSeconds: 3600, limitSeconds: 3600 });
  });
});

test('whatever the settings and the past are, AWS would take the length', () => {
  const anySettings = fc.record({
    roleArn: fc.constantFrom(null, role),
    roleMaxSessionSeconds: fc.option(fc.integer({ min: 3600, max: 43_200 })),
    sessionDurationSeconds: fc.integer({ min: 900, max: 43_200 }),
    sessionDurationAutomatic: fc.boolean(),
  });
  const past = fc.array(fc.record({ tookMs: fc.integer({ min: 0, max: 1e9 }), wasCutShort: fc.boolean() }));
  fc.assert(
    fc.property(anySettings, past, fc.boolean(), (of, earlier, isChained) => {
      const found = forecastSession(of, earlier, { isChained });
      expect(Number.isInteger(found.durationSeconds)).toBe(true);
      expect(found.durationSeconds).toBeGreaterThanOrEqual(900);
      expect(found.durationSeconds).toBeLessThanOrEqual(found.limitSeconds);
      expect(found.limitSeconds).toBeLessThanOrEqual(of.roleArn === null ? 129_600 : isChained ? 3600 : 43_200);
      const all = earlier.map(({ tookMs }) => Math.round(tookMs / 1000));
      expect(found.p95Seconds === null || all.includes(found.p95Seconds)).toBe(true);
      if (found.isEnough && found.expectedSeconds !== null) {
        expect(found.durationSeconds).toBeGreaterThan(found.p95Seconds ?? 0);
      }
    }),
  );
});

describe('the line before the code', () => {
  const about = { phase: 'apply', roleArn: role, isExtendable: true, extendBeforeMs: 600_000 } as const;
  const long = took(90, 100, 110);
  const line = (of: LengthSettings, more: Partial<Parameters<typeof shortSessionLine>[1]> = {}) =>
    shortSessionLine(forecast(of, long), { ...about, ...more });

  test.each([
    [
      'the limit of a role',
      line(settings({ roleArn: role })),
      'Applies here took up to 1 h 50 min; AWS gives this role 1 h: you may be asked for another code while it runs, 50 min after the first.',
    ],
    [
      'a setting',
      line(settings({ sessionDurationAutomatic: false, sessionDurationSeconds: 900 }), {
        roleArn: null,
        phase: 'plan',
      }),
      'Plans here took up to 1 h 50 min; a session is set to last 15 min: you may be asked for another code while it runs, 8 min after the first.',
    ],
    [
      'a session that cannot be extended',
      line(settings({ roleArn: role }), { isExtendable: false }),
      'Applies here took up to 1 h 50 min; AWS gives this role 1 h: it is interrupted when its session ends.',
    ],
  ])('tells of %s', (_what, said, words) => {
    expect(said).toBe(words);
  });

  test('is not there when the session is long enough, or nothing is known', () => {
    expect(line(settings())).toBeUndefined();
    expect(shortSessionLine(forecast(settings({ roleArn: role })), about)).toBeUndefined();
  });
});

test.each([
  [0, '0 min'],
  [60, '1 min'],
  [61, '2 min'],
  [3600, '1 h'],
  [6600, '1 h 50 min'],
  [129_600, '36 h'],
])('%i seconds are "%s"', (seconds, words) => {
  expect(lengthWords(seconds)).toBe(words);
});
