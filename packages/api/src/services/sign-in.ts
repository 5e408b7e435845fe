import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import { hashOfToken, newBearerToken } from '../domain/bearer-token.ts';
import { verifyPassword } from '../domain/password-hash.ts';
import { recordAudit } from '../store/audit.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { findUserByName, type User } from '../store/users.ts';
import { insertWebSession, type WebSession } from '../store/web-sessions.ts';

/** A working day: whoever signs in in the morning is out at night. */
export const webSessionMs = 12 * 3_600_000;

/** One answer for every cause: who guesses learns neither which names exist nor who has no password. */
export async function signIn(
  { database, clock }: { database: Database; clock: Clock },
  credentials: { username: string; password: Secret },
): Promise<{ user: User; session: WebSession; token: Secret }> {
  const user = findUserByName(database, credentials.username);
  const isRight = await verifyPassword(credentials.password, user?.passwordHash ?? undefined);
  if (user === undefined || !isRight) {
    throw new GatehouseError('unauthorized', 'The user name or the password is wrong.');
  }
  const token = newBearerToken('webSession');
  const now = clock.now();
  const session = inTransaction(database, (transaction) => {
    const expiresAt = new Date(now.getTime() + webSessionMs);
    const row = insertWebSession(transaction, { userId: user.id, tokenHash: hashOfToken(token), expiresAt }, now);
    recordAudit(transaction, {
      organization: null,
      actor: { userId: user.id, username: user.username },
      action: 'session.created',
      targetType: 'sessions',
      targetId: row.id,
      at: now,
    });
    return row;
  });
  return { user, session, token };
}
