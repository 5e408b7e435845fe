import type { AcceptedIdentities } from '@gatehouse/shared/mfa-level';
import { maskedSerial } from './challenge.ts';

type OfRun = { mfaSerial: string | null; acceptedIdentities: AcceptedIdentities };
type OfChallenge = { mfaSerial: string; awsIdentityId: string | null };

/**
 * The organization's device, which a challenge can be answered with; empty where there is none, or none is accepted. A
 * challenge names the device of its last code, which may have been a member's own.
 */
export function organizationSerial(run: OfRun, challenge: OfChallenge): string {
  if (run.acceptedIdentities === 'members') return '';
  return challenge.awsIdentityId === null ? challenge.mfaSerial : (run.mfaSerial ?? '');
}

/** Whose code is asked for, in words that fit whoever reads the log. */
export function awaitedDevice(run: OfRun, challenge: OfChallenge): string {
  const serial = organizationSerial(run, challenge);
  const shared = maskedSerial(serial);
  return run.acceptedIdentities === 'both' && serial !== '' ? `${shared} or of your own MFA device` : shared;
}
