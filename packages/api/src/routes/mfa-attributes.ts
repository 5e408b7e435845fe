import { errorCodes } from '@gatehouse/shared/error-codes';
import { phases } from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import { deviceLabel, maskedSerial, rejectionMessage } from '../domain/challenge.ts';
import type { SessionForecast } from '../domain/session-length.ts';
import { answeringDevices, type DeviceHolder } from '../services/answering-devices.ts';
import { type DeviceOwner, deviceOwners } from '../services/answering-identity.ts';
import { type Challenge, isExtension } from '../store/challenges.ts';
import type { Run } from '../store/runs.ts';
import { challengeStates } from '../store/schema/challenges.ts';
import type { LastSpent } from '../store/spent-codes.ts';
import { timestamp, timestampOf } from './json-api.ts';
import { mfaDevice, mfaDeviceOf } from './mfa-device.ts';

const lastError = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  'aws-message': z.string().nullable(),
  'aws-request-id': z.string().nullable(),
  at: timestamp.nullable(),
});

/** The session that a code would buy, in seconds. Less than is expected: another code will be needed while the phase runs. */
const plannedSession = z.object({
  'duration-seconds': z.int(),
  'expected-seconds': z.int().nullable(),
  'limit-seconds': z.int(),
  'is-enough': z.boolean(),
});

const answeringDevice = mfaDevice.extend({ owner: z.enum(deviceOwners) });

/** The wait of one phase for a code, as a run, a plan, an apply and the list of what waits show it. */
export const mfaAttributes = z.object({
  'challenge-id': z.string(),
  phase: z.enum(phases),
  /** `extend`: the phase runs, and a code makes its session longer. */
  purpose: z.enum(['start', 'extend']),
  /** `exchanging`: a code was given, and AWS has not answered yet. */
  state: z.enum(challengeStates),
  /** Null while nobody has decided on a finished plan: a code that comes then decides. */
  'deadline-at': timestamp.nullable(),
  'attempts-left': z.int(),
  /** Of the device whose code was given, or is asked for; the account's number is masked. */
  serial: z.string(),
  'last-error': lastError.nullable(),
  'submitted-by': z.string().nullable(),
  'authenticated-by': z.string().nullable(),
  'authenticated-at': timestamp.nullable(),
  'session-access-key-id': z.string().nullable(),
  'session-expires-at': timestamp.nullable(),
  /** Those that the one who looks may answer with, her default first. */
  devices: z.array(answeringDevice),
  /** The first of them. */
  device: answeringDevice.nullable(),
  /** The device whose code AWS accepted. */
  'authenticated-with': z.object({ label: z.string(), owner: z.enum(deviceOwners) }).nullable(),
  /** Null once no code is awaited any more. */
  'planned-session': plannedSession.nullable(),
});

/** What the attributes depend on besides the challenge. */
export type MfaView = {
  sealer: Pick<Sealer, 'fingerprint'>;
  now: Date;
  spentCodes: ReadonlyMap<string, LastSpent>;
  /** By challenge, of those that are open. */
  plannedSessions: ReadonlyMap<string, SessionForecast>;
  /** Who looks. */
  holder: DeviceHolder;
};

export function mfaAttributesOf(challenge: Challenge, run: Run, view: MfaView): z.infer<typeof mfaAttributes> {
  const devices = devicesOf(challenge, run, view);
  return {
    'challenge-id': challenge.id,
    phase: challenge.phase,
    purpose: isExtension(challenge) ? 'extend' : 'start',
    state: challenge.state,
    'deadline-at': timestampOf(challenge.deadlineAt),
    'attempts-left': challenge.triesLeft,
    serial: maskedSerial(serialOf(challenge, run, view)),
    'last-error': lastErrorOf(challenge),
    'submitted-by': challenge.submittedByName,
    'authenticated-by': challenge.authenticatedByName,
    'authenticated-at': timestampOf(challenge.authenticatedAt),
    'session-access-key-id': challenge.sessionAccessKeyId,
    'session-expires-at': timestampOf(challenge.sessionExpiresAt),
    devices,
    device: devices[0] ?? null,
    'authenticated-with': challenge.state === 'authenticated' ? usedDevice(challenge) : null,
    'planned-session': plannedSessionOf(view.plannedSessions.get(challenge.id)),
  };
}

function devicesOf(challenge: Challenge, run: Run, view: MfaView): z.infer<typeof answeringDevice>[] {
  return answeringDevices(run, challenge, view.holder).map(({ owner, mfaSerial }) => {
    const spent = view.spentCodes.get(mfaSerial) ?? view.holder.spentCodes.get(mfaSerial);
    return { ...mfaDeviceOf({ mfaSerial, organization: run.organization }, { ...view, spent }), owner };
  });
}

function serialOf(challenge: Challenge, run: Run, { holder }: MfaView): string {
  if (challenge.state === 'exchanging' || challenge.state === 'authenticated') return challenge.mfaSerial;
  return answeringDevices(run, challenge, holder)[0]?.mfaSerial ?? '';
}

function usedDevice({ mfaSerial, awsIdentityId }: Challenge): { label: string; owner: DeviceOwner } {
  return { label: deviceLabel(mfaSerial), owner: awsIdentityId === null ? 'organization' : 'own' };
}

function plannedSessionOf(forecast: SessionForecast | undefined): z.infer<typeof plannedSession> | null {
  if (forecast === undefined) return null;
  return {
    'duration-seconds': forecast.durationSeconds,
    'expected-seconds': forecast.expectedSeconds,
    'limit-seconds': forecast.limitSeconds,
    'is-enough': forecast.isEnough,
  };
}

function lastErrorOf(challenge: Challenge): z.infer<typeof lastError> | null {
  if (challenge.lastError === null) return null;
  return {
    code: challenge.lastError,
    title: errorCodes[challenge.lastError].title,
    detail: rejectionMessage(challenge.lastError, challenge),
    'aws-message': challenge.awsMessage,
    'aws-request-id': challenge.awsRequestId,
    at: timestampOf(challenge.lastErrorAt),
  };
}
