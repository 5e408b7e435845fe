import { awsVariables } from '@gatehouse/shared/mfa-level';
import { phases } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import { revocationPolicy } from '../domain/revocation-policy.ts';
import { type RunSession, sessionOfRun } from '../services/session-of-run.ts';
import type { RunDetails } from '../store/run-details.ts';
import { timestamp, timestampOf } from './json-api.ts';

/** The AWS session of a run. Its access key id is no secret: it is what CloudTrail shows. */
export const sessionAttributes = z.object({
  phase: z.enum(phases),
  'access-key-id': z.string(),
  /** Null: somebody else's session token, whose end is not known. */
  'expires-at': timestamp.nullable(),
  /** When terraform is interrupted unless the session is extended; null as long as no worker has it. */
  'stops-at': timestamp.nullable(),
  /** A code is asked for before it ends. */
  'is-extendable': z.boolean(),
  'revoked-at': timestamp.nullable(),
  'revoked-by': z.string().nullable(),
  /** What makes AWS refuse it too, once it was revoked: an inline policy, and where it belongs. */
  revocation: z
    .object({
      /** A role's ARN, or in words whose keys opened the session. */
      'attach-to': z.string(),
      kind: z.enum(['role', 'user']),
      policy: z.record(z.string(), z.unknown()),
    })
    .nullable(),
});

export function sessionAttributesOf(details: RunDetails): z.input<typeof sessionAttributes> | null {
  const session = sessionOfRun(details);
  if (session === undefined) return null;
  return {
    phase: session.phase,
    'access-key-id': session.accessKeyId,
    'expires-at': timestampOf(session.expiresAt),
    'stops-at': timestampOf(session.stopsAt),
    'is-extendable': session.isExtendable,
    'revoked-at': timestampOf(session.revokedAt),
    'revoked-by': session.revokedBy,
    revocation:
      session.revokedAt === null
        ? null
        : { ...principalOf(details, session), policy: { ...revocationPolicy(session.revokedAt) } },
  };
}

/** A session by AssumeRole is the role's; one by GetSessionToken is its user's. */
function principalOf({ run }: RunDetails, { openedBy }: RunSession): { 'attach-to': string; kind: 'role' | 'user' } {
  if (run.roleArn !== null) return { 'attach-to': run.roleArn, kind: 'role' };
  const key =
    openedBy?.awsIdentityId == null
      ? `the ${awsVariables.accessKeyId} of this environment`
      : `the own access key of ${openedBy.authenticatedByName}`;
  return { 'attach-to': `the IAM user that ${key} belongs to`, kind: 'user' };
}
