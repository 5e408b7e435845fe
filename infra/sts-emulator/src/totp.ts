import { HOTP, Secret } from 'otpauth';

// Codes of an MFA device (RFC 6238: HMAC-SHA-1, six digits). Both sides use this file: the emulator to check, and
// whoever holds a device's secret to make codes. The emulator itself never hands a code out, as a real device would not.

/** The number of the time step at an instant; a step lasts `stepSeconds` (default 30). */
export function stepAt(at: Date, stepSeconds = 30): number {
  return Math.floor(at.getTime() / 1000 / stepSeconds);
}

/** The six digits of one time step. Throws when the secret is not base32. */
export function codeAtStep(secretBase32: string, step: number): string {
  return HOTP.generate({ secret: Secret.fromBase32(secretBase32), counter: step });
}

/** The six digits that a device without clock offset shows at an instant (default now). */
export function currentCode(secretBase32: string, at = new Date(), stepSeconds = 30): string {
  return codeAtStep(secretBase32, stepAt(at, stepSeconds));
}

export type DeviceSteps = {
  secretBase32: string;
  /** The step that the device's clock stands at. */
  currentStep: number;
  /** The last step whose code was accepted; undefined when none was. */
  lastAcceptedStep?: number | undefined;
};

/**
 * The next code that was not used yet. `stepsToWait` tells how many steps the device's clock must still go before the
 * code is accepted: 0 means at once, since the verifier takes a code from one step ahead.
 */
export function nextUsableCode(device: DeviceSteps): { code: string; step: number; stepsToWait: number } {
  const step = Math.max(device.currentStep, (device.lastAcceptedStep ?? -1) + 1);
  return {
    code: codeAtStep(device.secretBase32, step),
    step,
    stepsToWait: Math.max(0, step - device.currentStep - driftSteps),
  };
}

/** Steps of drift that are forgiven in each direction (RFC 6238 §5.2 advises at most one). */
export const driftSteps = 1;
