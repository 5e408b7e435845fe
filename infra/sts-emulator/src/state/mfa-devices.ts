import { HOTP, Secret } from 'otpauth';
import type { Seed } from '../seed.ts';
import { driftSteps, stepAt } from '../totp.ts';

export type MfaDevice = {
  serial: string;
  secretBase32: string;
  stepSeconds: number;
  /** How far this device's clock runs ahead of the emulator's, in seconds. */
  clockOffsetSeconds: number;
  /** The last step whose code was accepted; codes of it and of earlier steps are refused (RFC 6238 §5.2). */
  lastAcceptedStep?: number;
};

export function mfaDeviceFromSeed(seed: Seed['users'][number]['mfaDevices'][number]): MfaDevice {
  return { ...seed };
}

/** The step that the device's own clock stands at. */
export function deviceStep(device: MfaDevice, now: Date): number {
  return stepAt(new Date(now.getTime() + device.clockOffsetSeconds * 1000), device.stepSeconds);
}

/** Moves the device's clock on; negative seconds would bring used codes back and are refused. */
export function advanceDevice(device: MfaDevice, seconds = device.stepSeconds): void {
  if (seconds < 0) throw new RangeError('a device clock only goes forward');
  device.clockOffsetSeconds += seconds;
}

/**
 * Checks a code and spends it. Checking and remembering happen in one synchronous call, so of two requests with the
 * same code exactly one is accepted.
 */
export function spendCode(device: MfaDevice, code: string, now: Date): 'accepted' | 'code_wrong' | 'code_reused' {
  const secret = Secret.fromBase32(device.secretBase32);
  const current = deviceStep(device, now);
  const last = device.lastAcceptedStep ?? -1;
  const delta = HOTP.validate({ token: code, secret, counter: current, window: driftSteps });
  if (delta !== null && current + delta > last) {
    device.lastAcceptedStep = current + delta;
    return 'accepted';
  }
  const isLastAccepted = last >= 0 && HOTP.validate({ token: code, secret, counter: last, window: 0 }) !== null;
  return delta !== null || isLastAccepted ? 'code_reused' : 'code_wrong';
}
