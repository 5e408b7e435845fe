import type { Phase } from './run-status.ts';

/** How much of a workspace's runs needs an MFA code (M1). A run keeps the level that it was created with (M4). */
export const mfaLevels = ['never', 'applies_only', 'plans_and_applies'] as const;
export type MfaLevel = (typeof mfaLevels)[number];

/** The words on the page, those of the feature's original. */
export const mfaLevelLabels = {
  never: 'never',
  applies_only: 'applies only',
  plans_and_applies: 'plans and applies',
} as const satisfies Record<MfaLevel, string>;

export function needsMfa(level: MfaLevel, phase: Phase): boolean {
  return level === 'plans_and_applies' || (level === 'applies_only' && phase === 'apply');
}

/** Whose AWS keys and MFA device may answer a workspace's challenges. */
export const acceptedIdentities = ['organization', 'members', 'both'] as const;
export type AcceptedIdentities = (typeof acceptedIdentities)[number];

/** The environment variables that a run with MFA needs (M2), in the order in which a missing one is named. */
export const awsVariables = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  mfaSerial: 'AWS_MFA_SERIAL_NUMBER',
} as const;

/** Never given to terraform as variables: it sees a session (M10). */
export const withheldVariables: readonly string[] = [...Object.values(awsVariables), 'AWS_SESSION_TOKEN'];

/** AWS: "TokenCode … minimum and maximum length 6, pattern [\d]*" (STS API reference, GetSessionToken). */
export const tokenCodePattern = /^\d{6}$/;

/** AWS virtual devices show a new code every 30 s (RFC 6238 with AWS's step). */
export const tokenCodeStepSeconds = 30;
