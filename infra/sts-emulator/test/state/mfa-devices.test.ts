import { advanceDevice, deviceStep, mfaDeviceFromSeed, spendCode } from '@gatehouse/sts-emulator/state/mfa-devices';
import { codeAtStep } from '@gatehouse/sts-emulator/totp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const secretBase32 = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const now = new Date('2026-01-31T12:00:07Z');

function setup({ stepSeconds = 30, clockOffsetSeconds = 0 } = {}) {
  const device = mfaDeviceFromSeed({ serial: 'GAHT12345678', secretBase32, stepSeconds, clockOffsetSeconds });
  const step = deviceStep(device, now);
  return { device, step, spend: (at: number) => spendCode(device, codeAtStep(secretBase32, at), now) };
}

describe('an MFA device', () => {
  test.each([
    [-2, 'code_wrong'],
    [-1, 'accepted'],
    [0, 'accepted'],
    [1, 'accepted'],
    [2, 'code_wrong'],
  ])('a code %i steps away is %s', (away, outcome) => {
    const { spend, step } = setup();
    expect(spend(step + away)).toBe(outcome);
  });

  test('takes each code once, and none older than the last', () => {
    const { spend, step } = setup();
    expect([spend(step), spend(step), spend(step - 1), spend(step + 1), spend(step)]).toEqual([
      'accepted',
      'code_reused',
      'code_reused',
      'accepted',
      'code_reused',
    ]);
  });

  test('tells a used code from a wrong one long after', () => {
    const { device, spend, step } = setup();
    spend(step);
    advanceDevice(device, 3600);
    expect(spend(step)).toBe('code_reused');
    expect(spend(step - 1)).toBe('code_wrong');
  });

  test('has a clock of its own that goes forward only', () => {
    const { device, spend, step } = setup();
    advanceDevice(device);
    expect(deviceStep(device, now)).toBe(step + 1);
    expect(spend(step + 2)).toBe('accepted');
    expect(() => advanceDevice(device, -30)).toThrow(RangeError);
  });

  test('may have steps of another length and an offset from the start', () => {
    const { step } = setup({ stepSeconds: 5, clockOffsetSeconds: 10 });
    expect(step).toBe(Math.floor((now.getTime() / 1000 + 10) / 5));
  });

  test('never accepts a step twice, whatever order codes come in', () => {
    const attempt = fc.record({ advance: fc.integer({ min: 0, max: 90 }), away: fc.integer({ min: -2, max: 2 }) });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 30 }), (attempts) => {
        const { device, spend } = setup();
        const accepted: number[] = [];
        for (const { advance, away } of attempts) {
          advanceDevice(device, advance);
          const step = deviceStep(device, now) + away;
          if (spend(step) === 'accepted') accepted.push(step);
        }
        expect(accepted).toEqual([...new Set(accepted)].sort((one, other) => one - other));
      }),
    );
  });
});
