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

/** The wait of one phase for a code, as runs, plans, applies and the waiting list show it. */
export const mfaSchema = z.object({
  'challenge-id': z.string(),
  phase: z.enum(phases),
  state: z.enum(challengeStates),
  'deadline-at': z.nullable(instant),
  'attempts-left': z.int(),
  'last-error': z.nullable(lastError),
  'submitted-by': z.nullable(z.string()),
  'authenticated-by': z.nullable(z.string()),
  'authenticated-at': z.nullable(instant),
  'session-expires-at': z.nullable(instant),
  device: z.object({
    id: z.string(),
    label: z.string(),
    'code-spent-until': z.nullable(instant),
    'code-spent-by': z.nullable(z.string()),
    'code-spent-for': z.nullable(z.string()),
    'code-spent-run-id': z.nullable(z.string()),
  }),
});

export type Device = {
  /** The same where one code can release both. */
  id: string;
  /** As in `…4821:mfa/ops-alice`. */
  label: string;
  /** Every code of it up to `until` was accepted already; AWS takes each once. */
  spent: { until: number; by: string; environment: string; runId: string | undefined } | undefined;
};

export type Mfa = {
  challengeId: string;
  phase: z.infer<typeof mfaSchema>['phase'];
  state: (typeof challengeStates)[number];
  /** Undefined while nobody has decided on a finished plan. */
  deadlineAt: number | undefined;
  triesLeft: number;
  lastError: { code: MfaRejection; awsSaid: string | undefined; at: number | undefined } | undefined;
  submittedBy: string | undefined;
  authenticatedBy: string | undefined;
  authenticatedAt: number | undefined;
  sessionExpiresAt: number | undefined;
  device: Device;
};

export function mfaOf(raw: z.infer<typeof mfaSchema> | null | undefined): Mfa | undefined {
  if (raw === null || raw === undefined) return undefined;
  return {
    challengeId: raw['challenge-id'],
    phase: raw.phase,
    state: raw.state,
    deadlineAt: raw['deadline-at'] ?? undefined,
    triesLeft: raw['attempts-left'],
    lastError: lastErrorOf(raw['last-error']),
    submittedBy: raw['submitted-by'] ?? undefined,
    authenticatedBy: raw['authenticated-by'] ?? undefined,
    authenticatedAt: raw['authenticated-at'] ?? undefined,
    sessionExpiresAt: raw['session-expires-at'] ?? undefined,
    device: deviceOf(raw.device),
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

function deviceOf(raw: z.infer<typeof mfaSchema>['device']): Device {
  const until = raw['code-spent-until'];
  return {
    id: raw.id,
    label: raw.label,
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
