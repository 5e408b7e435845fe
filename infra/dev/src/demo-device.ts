import { codeAtStep } from '@gatehouse/sts-emulator/totp';
import { z } from 'zod';
import type { DevFile } from './dev-file.ts';

const device = z.object({ currentStep: z.int() });

/**
 * What the demo's device shows. The emulator is asked for the step, because a script may have moved the device's clock
 * on; the code itself is computed here, as no program gives a device's codes away.
 */
export async function currentCode({ stsUrl, mfaSerial, mfaSecret }: DevFile): Promise<string> {
  const response = await fetch(`${stsUrl}/_emulator/devices/${encodeURIComponent(mfaSerial)}`);
  if (!response.ok) throw new Error(`The STS emulator answered ${response.status} for the device ${mfaSerial}.`);
  const { currentStep } = device.parse(await response.json());
  return codeAtStep(mfaSecret, currentStep);
}
