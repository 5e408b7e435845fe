import { z } from 'zod';
import type { ApiToken } from '../store/tokens.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

export const tokenSchema = resourceSchema(
  'authentication-tokens',
  {
    /** Null: *the* token of its team or organization. */
    description: z.string().nullable(),
    'created-at': timestamp,
    'last-used-at': timestamp.nullable(),
    'expired-at': timestamp.nullable(),
    /** Shown once, in the answer that makes the token. */
    token: z.string().nullable(),
  },
  { relationships: z.object({ team: toOne('teams').optional(), 'created-by': toOne('users').optional() }).optional() },
);

/** `teamId` of a team's token; `service` also of an organization's. */
export function tokenResource(token: ApiToken, shown: string | null, of: { service?: boolean; teamId?: string } = {}) {
  const isService = of.service === true || of.teamId !== undefined;
  return {
    id: token.id,
    type: 'authentication-tokens' as const,
    attributes: {
      description: isService && token.description === '' ? null : token.description,
      'created-at': timestampOf(token.createdAt),
      'last-used-at': timestampOf(token.lastUsedAt),
      'expired-at': timestampOf(token.expiresAt),
      token: shown,
    },
    ...relationshipsOf(token, of),
  };
}

/** A person makes their tokens themselves. Who made a team's or an organization's is in the audit log alone. */
function relationshipsOf(token: ApiToken, of: { service?: boolean; teamId?: string }) {
  if (of.teamId !== undefined) return { relationships: { team: reference('teams', of.teamId) } };
  return of.service === true ? {} : { relationships: { 'created-by': reference('users', token.userId) } };
}
