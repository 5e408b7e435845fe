import { phases } from '@gatehouse/shared/run-status';
import * as z from 'zod/mini';
import { instant } from './json-api.ts';

export const runSessionSchema = z.object({
  phase: z.enum(phases),
  'access-key-id': z.string(),
  'expires-at': z.nullable(instant),
  'stops-at': z.nullable(instant),
  'is-extendable': z.boolean(),
  'revoked-at': z.nullable(instant),
  'revoked-by': z.nullable(z.string()),
  revocation: z.nullable(
    z.object({
      'attach-to': z.string(),
      kind: z.enum(['role', 'user']),
      policy: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** The AWS session that the phase in hand has, or the last one that had one. */
export type RunSession = {
  phase: z.infer<typeof runSessionSchema>['phase'];
  /** No secret: CloudTrail shows it. */
  accessKeyId: string;
  /** Undefined: the end of a token that came from outside is not known. */
  expiresAt: number | undefined;
  /** When terraform is interrupted unless the session is extended. */
  stopsAt: number | undefined;
  isExtendable: boolean;
  revoked: { at: number; by: string } | undefined;
  /** What makes AWS refuse it too, once it was revoked. `attachTo`: a role's ARN, or in words whose user. */
  revocation: { attachTo: string; kind: 'role' | 'user'; policy: Record<string, unknown> } | undefined;
};

export function runSessionOf(raw: z.infer<typeof runSessionSchema> | null): RunSession | undefined {
  if (raw === null) return undefined;
  const { revocation, 'revoked-at': revokedAt } = raw;
  return {
    phase: raw.phase,
    accessKeyId: raw['access-key-id'],
    expiresAt: raw['expires-at'] ?? undefined,
    stopsAt: raw['stops-at'] ?? undefined,
    isExtendable: raw['is-extendable'],
    revoked: revokedAt === null ? undefined : { at: revokedAt, by: raw['revoked-by'] ?? 'Somebody' },
    revocation:
      revocation === null
        ? undefined
        : { attachTo: revocation['attach-to'], kind: revocation.kind, policy: revocation.policy },
  };
}
