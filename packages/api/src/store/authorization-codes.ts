import { newId } from '@gatehouse/shared/ids';
import { eq, lt } from 'drizzle-orm';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { apiTokens, authorizationCodes, users } from './schema/identity.ts';
import { type ApiToken, addApiToken } from './tokens.ts';

type AuthorizationCode = typeof authorizationCodes.$inferSelect;

export type NewAuthorizationCode = Pick<
  AuthorizationCode,
  'codeHash' | 'userId' | 'clientId' | 'redirectUri' | 'codeChallenge' | 'tokenLifetimeDays' | 'expiresAt'
>;

/** Returns the row's id, which is no secret. */
export async function insertAuthorizationCode(
  database: Database,
  code: NewAuthorizationCode,
  now: Date,
): Promise<string> {
  const id = newId('authorizationCode', now.getTime());
  database
    .insert(authorizationCodes)
    .values({ ...code, id, createdAt: now, usedAt: null, tokenId: null })
    .run();
  return id;
}

export type CodeRefusal = 'unknown' | 'used_before' | 'expired' | 'not_yours';

const dayMs = 24 * 3_600_000;

/**
 * Turns a code into an API token of its user. Any try uses the code up, a wrong one too: nobody gets to guess. A code
 * that comes a second time has been stolen, by this one or by the first, so the token that it made is revoked.
 */
export async function redeemAuthorizationCode(
  database: Database,
  shown: Pick<AuthorizationCode, 'codeHash' | 'clientId' | 'redirectUri' | 'codeChallenge'>,
  token: { tokenHash: string; description: string },
  now: Date,
): Promise<ApiToken | { refused: CodeRefusal }> {
  return inTransaction(database, (transaction) => {
    const found = transaction
      .select({ code: authorizationCodes, username: users.username })
      .from(authorizationCodes)
      .innerJoin(users, eq(users.id, authorizationCodes.userId))
      .where(eq(authorizationCodes.codeHash, shown.codeHash))
      .get();
    if (found === undefined) return { refused: 'unknown' };
    const { code, username } = found;
    if (code.usedAt !== null) {
      revokeStolen(transaction, code.tokenId, now);
      return { refused: 'used_before' };
    }
    const note = (tokenId: string | null) =>
      transaction
        .update(authorizationCodes)
        .set({ usedAt: now, tokenId })
        .where(eq(authorizationCodes.id, code.id))
        .run();
    const refusal = refusalOf(code, shown, now);
    if (refusal !== undefined) {
      note(null);
      return { refused: refusal };
    }
    const { userId, tokenLifetimeDays: days } = code;
    const expiresAt = days === null ? null : new Date(now.getTime() + days * dayMs);
    const made = addApiToken(transaction, { userId, username }, { ...token, userId, expiresAt }, now);
    note(made.id);
    return made;
  });
}

function refusalOf(
  code: AuthorizationCode,
  shown: Pick<AuthorizationCode, 'clientId' | 'redirectUri' | 'codeChallenge'>,
  now: Date,
): CodeRefusal | undefined {
  if (code.expiresAt <= now) return 'expired';
  const isSame =
    code.clientId === shown.clientId &&
    code.redirectUri === shown.redirectUri &&
    code.codeChallenge === shown.codeChallenge;
  return isSame ? undefined : 'not_yours';
}

function revokeStolen(transaction: Transaction, tokenId: string | null, now: Date): void {
  if (tokenId === null) return;
  const { changes } = transaction.delete(apiTokens).where(eq(apiTokens.id, tokenId)).run();
  if (changes === 0) return;
  recordAudit(transaction, {
    organization: null,
    actor: { userId: null, username: 'gatehouse' },
    action: 'token.deleted',
    targetType: 'authentication-tokens',
    targetId: tokenId,
    details: { reason: 'its authorization code was shown twice' },
    at: now,
  });
}

export function forgetAuthorizationCodes(database: Database, expiredBefore: Date): void {
  database.delete(authorizationCodes).where(lt(authorizationCodes.expiresAt, expiredBefore)).run();
}
