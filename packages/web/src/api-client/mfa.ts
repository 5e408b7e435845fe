import { type MfaRejection, mfaRejections } from '@gatehouse/shared/error-codes';
import { phases } from '@gatehouse/shared/run-status';
import * as z from 'zod/mini';
import { instant } from './json-api.ts';

export const challengeStates = ['awaiting', 'exchanging', 'authenticated', 'given_up', 'withdrawn'] as const;

const lastError = z.object({
  code: z.string(),
  'aws-message': z.nullable(z.string()),
  'aws-request-id': z.nullable(z.string()),
  at: z.nullable(instant),
});

/** Whose keys and device answer: those that the organization's variables name, or the reader's own. */
export const deviceOwners = ['organization', 'own'] as const;
export type DeviceOwner = (typeof deviceOwners)[number];

const deviceSchema = z.object({
  id: z.string(),
  label: z.string(),
  owner: z.enum(deviceOwners),
  'code-spent-until': z.nullable(instant),
  'code-spent-by': z.nullable(z.string()),
  'code-spent-for': z.nullable(z.string()),
  'code-spent-run-id': z.nullable(z.string()),
});

const plannedSession = z.object({
  'expected-seconds': z.nullable(z.int()),
  'limit-seconds': z.int(),
  'is-enough': z.boolean(),
});

/** The wait of one phase for a code, as runs, plans, applies and the waiting list show it. */
export const mfaSchema = z.object({
  'challenge-id': z.string(),
  phase: z.enum(phases),
  purpose: z.enum(['start', 'extend']),
  state: z.enum(challengeStates),
  'deadline-at': z.nullable(instant),
  'attempts-left': z.int(),
  'last-error': z.nullable(lastError),
  'submitted-by': z.nullable(z.string()),
  'authenticated-by': z.nullable(z.string()),
  'authenticated-at': z.nullable(instant),
  'session-expires-at': z.nullable(instant),
  'authenticated-with': z.nullable(z.object({ label: z.string(), owner: z.enum(deviceOwners) })),
  devices: z.array(deviceSchema),
  'planned-session': z.nullable(plannedSession),
});

export type Device = {
  /** The same where one code can release both. */
  id: string;
  /** As in `…4821:mfa/ops-alice`. */
  label: string;
  owner: DeviceOwner;
  /** Every code of it up to `until` was accepted already; AWS takes each once. */
  spent: { until: number; by: string; environment: string; runId: string | undefined } | undefined;
};

export type Mfa = {
  challengeId: string;
  phase: z.infer<typeof mfaSchema>['phase'];
  /** `extend`: the phase runs already, and the code gives it a longer session. */
  purpose: 'start' | 'extend';
  state: (typeof challengeStates)[number];
  /** Undefined while nobody has decided on a finished plan. */
  deadlineAt: number | undefined;
  triesLeft: number;
  lastError: { code: MfaRejection; awsSaid: string | undefined; at: number | undefined } | undefined;
  submittedBy: string | undefined;
  authenticatedBy: string | undefined;
  authenticatedAt: number | undefined;
  sessionExpiresAt: number | undefined;
  authenticatedWith: { label: string; owner: DeviceOwner } | undefined;
  /** Those that the reader may answer with, the default first; none: the code is not the reader's to give. */
  devices: readonly Device[];
  /** Of a code that is still to come. */
  plannedSession: { expectedSeconds: number | undefined; limitSeconds: number; isEnough: boolean } | undefined;
};

export function mfaOf(raw: z.infer<typeof mfaSchema> | null | undefined): Mfa | undefined {
  if (raw === null || raw === undefined) return undefined;
  return {
    challengeId: raw['challenge-id'],
    phase: raw.phase,
    purpose: raw.purpose,
    state: raw.state,
    deadlineAt: raw['deadline-at'] ?? undefined,
    triesLeft: raw['attempts-left'],
    lastError: lastErrorOf(raw['last-error']),
    submittedBy: raw['submitted-by'] ?? undefined,
    authenticatedBy: raw['authenticated-by'] ?? undefined,
    authenticatedAt: raw['authenticated-at'] ?? undefined,
    sessionExpiresAt: raw['session-expires-at'] ?? undefined,
    authenticatedWith: raw['authenticated-with'] ?? undefined,
    devices: raw.devices.map(deviceOf),
    plannedSession: plannedSessionOf(raw['planned-session']),
  };
}

/** A phase runs, and somebody may give it a longer session, or has just tried to. */
export function isExtending(mfa: Pick<Mfa, 'purpose' | 'state'> | undefined): boolean {
  return mfa?.purpose === 'extend' && (mfa.state === 'awaiting' || mfa.state === 'exchanging');
}

function plannedSessionOf(raw: z.infer<typeof plannedSession> | null): Mfa['plannedSession'] {
  if (raw === null) return undefined;
  return {
    expectedSeconds: raw['expected-seconds'] ?? undefined,
    limitSeconds: raw['limit-seconds'],
    isEnough: raw['is-enough'],
  };
}

function lastErrorOf(raw: z.infer<typeof lastError> | null): Mfa['lastError'] {
  const code = mfaRejections.find((candidate) => candidate === raw?.code);
  if (raw === null || code === undefined) return undefined;
  const said = raw['aws-message'];
  const request = raw['aws-request-id'];
  const awsSaid = said === null ? undefined : request === null ? said : `${said} (request ${request})`;
  return { code, awsSaid, at: raw.at ?? undefined };
}

function deviceOf(raw: z.infer<typeof deviceSchema>): Device {
  const until = raw['code-spent-until'];
  return {
    id: raw.id,
    label: raw.label,
    owner: raw.owner,
    spent:
      until === null
        ? undefined
        : {
            until,
            by: raw['code-spent-by'] ?? 'Somebody',
            environment: raw['code-spent-for'] ?? 'another run',
            runId: raw['code-spent-run-id'] ?? undefined,
          },
  };
}
