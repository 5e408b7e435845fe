import { codeAtStep, currentCode, nextUsableCode, stepAt } from '@gatehouse/sts-emulator/totp';
import { describe, expect, test } from 'vitest';

// RFC 6238 appendix B, SHA-1: its codes have eight digits, of which a device shows the last six.
const secretBase32 = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at second %i of RFC 6238 is %s', (seconds, code) => {
  const at = new Date(seconds * 1000);
  expect(currentCode(secretBase32, at)).toBe(code);
  expect(codeAtStep(secretBase32, stepAt(at))).toBe(code);
});

describe('the next usable code', () => {
  test.each([
    ['none was used: the current one, at once', { currentStep: 10 }, { step: 10, stepsToWait: 0 }],
    ['an old one was used: the current one', { currentStep: 10, lastAcceptedStep: 7 }, { step: 10, stepsToWait: 0 }],
    [
      'the current one was used: the next, by drift',
      { currentStep: 10, lastAcceptedStep: 10 },
      { step: 11, stepsToWait: 0 },
    ],
    [
      'the next was used too: one step to wait',
      { currentStep: 10, lastAcceptedStep: 11 },
      { step: 12, stepsToWait: 1 },
    ],
  ])('%s', (_name, steps, expected) => {
    const next = nextUsableCode({ secretBase32, ...steps });
    expect(next).toEqual({ ...expected, code: codeAtStep(secretBase32, expected.step) });
  });
});
