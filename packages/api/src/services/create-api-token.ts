import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashOfToken, newBearerToken } from '../domain/bearer-token.ts';
import type { Database } from '../store/database.ts';
import { type ApiToken, insertApiToken } from '../store/tokens.ts';

/** `token` is known here and to the one who asked, and nowhere else afterwards. */
export async function createApiToken(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  input: { description: string; expiresAt: Date | null },
): Promise<{ row: ApiToken; token: Secret }> {
  const now = clock.now();
  requireFutureExpiry(input.expiresAt, now);
  const token = newBearerToken('apiToken');
  const row = { ...input, userId: actor.userId, tokenHash: hashOfToken(token) };
  return { row: await insertApiToken(database, actor, row, now), token };
}

/** Throws `invalid_request`. */
export function requireFutureExpiry(expiresAt: Date | null, now: Date): void {
  if (expiresAt === null || expiresAt > now) return;
  throw new GatehouseError('invalid_request', 'A token expires in the future, or never.', {
    pointer: '/data/attributes/expired-at',
  });
}
