import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import { codeSpentUntil, deviceLabel } from '../domain/challenge.ts';
import type { LastSpent } from '../store/spent-codes.ts';
import { timestamp, timestampOf } from './json-api.ts';

/** The device whose code is asked for, and whether the code that it shows now was used already. */
export const mfaDevice = z.object({
  /** Equal where one code can release both. Says nothing of the device itself. */
  id: z.string(),
  /** `…4821:mfa/ops-alice`: enough for its owner to know it. */
  label: z.string(),
  /** Null: no code of this half minute was accepted. Else every code of it is spent, until then. */
  'code-spent-until': timestamp.nullable(),
  'code-spent-by': z.string().nullable(),
  /** The environment that it was used for, and the run; null where that is another organization's. */
  'code-spent-for': z.string().nullable(),
  'code-spent-run-id': z.string().nullable(),
});

export function deviceKey(sealer: Pick<Sealer, 'fingerprint'>, mfaSerial: string): string {
  return sealer.fingerprint(mfaSerial, 'device-key').slice(0, 16);
}

export function mfaDeviceOf(
  device: { mfaSerial: string; organization: string },
  { sealer, now, spent }: { sealer: Pick<Sealer, 'fingerprint'>; now: Date; spent: LastSpent | undefined },
): z.infer<typeof mfaDevice> {
  const until = spent === undefined ? undefined : codeSpentUntil(spent.at);
  const isSpent = spent !== undefined && until !== undefined && until > now;
  const isOurs = isSpent && spent.organization === device.organization;
  return {
    id: deviceKey(sealer, device.mfaSerial),
    label: deviceLabel(device.mfaSerial),
    'code-spent-until': isSpent ? timestampOf(until) : null,
    'code-spent-by': isOurs ? spent.by : null,
    'code-spent-for': isOurs ? spent.workspaceName : null,
    'code-spent-run-id': isOurs ? spent.runId : null,
  };
}
