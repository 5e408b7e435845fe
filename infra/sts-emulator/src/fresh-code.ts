import { z } from 'zod';
import { codeAtStep, nextUsableCode } from './totp.ts';

// For programs that drive the emulator over HTTP and hold the device's secret: a code takes 30 s to appear and works
// once, so they move the device's clock instead of waiting.

export type DeviceAccess = {
  /** Base URL of the emulator, e.g. `http://127.0.0.1:4599`. */
  emulatorUrl: string;
  serial: string;
  secretBase32: string;
  /** Only for an emulator that was started with one. */
  controlToken?: string | undefined;
};

const deviceSchema = z.object({ currentStep: z.int(), lastAcceptedStep: z.int().nullable(), stepSeconds: z.int() });

/**
 * A code that is accepted right now: moves the device's clock on only when every code up to now is used. Two calls with
 * no use between them give the same code. Throws when the emulator does not answer or does not know the device.
 */
export async function freshCode(access: DeviceAccess): Promise<string> {
  const device = await readDevice(access);
  const next = nextUsableCode({
    secretBase32: access.secretBase32,
    currentStep: device.currentStep,
    lastAcceptedStep: device.lastAcceptedStep ?? undefined,
  });
  if (next.stepsToWait > 0) {
    await callDevice(access, '/advance', { seconds: next.stepsToWait * device.stepSeconds });
  }
  return next.code;
}

/** Six digits that the device does not accept now and did not show lately. */
export async function wrongCode(access: DeviceAccess): Promise<string> {
  const { currentStep } = await readDevice(access);
  const shown = new Set(
    Array.from({ length: 21 }, (_, index) => codeAtStep(access.secretBase32, currentStep - 10 + index)),
  );
  let candidate = 0;
  while (shown.has(sixDigits(candidate))) candidate += 1;
  return sixDigits(candidate);
}

/** Six digits that the device showed and that were already taken; throws when no code was accepted yet. */
export async function usedCode(access: DeviceAccess): Promise<string> {
  const { lastAcceptedStep } = await readDevice(access);
  if (lastAcceptedStep === null) throw new Error(`no code of ${access.serial} was accepted yet`);
  return codeAtStep(access.secretBase32, lastAcceptedStep);
}

async function readDevice(access: DeviceAccess): Promise<z.output<typeof deviceSchema>> {
  return deviceSchema.parse(await callDevice(access, ''));
}

async function callDevice(access: DeviceAccess, path: string, body?: unknown): Promise<unknown> {
  const url = `${access.emulatorUrl}/_emulator/devices/${encodeURIComponent(access.serial)}${path}`;
  const response = await fetch(url, {
    headers: {
      ...(access.controlToken === undefined ? {} : { authorization: `Bearer ${access.controlToken}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the STS emulator answered ${response.status} for device ${access.serial}`);
  return response.json();
}

const sixDigits = (value: number): string => String(value).padStart(6, '0');
