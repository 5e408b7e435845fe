import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import { hashOfToken, newBearerToken } from '../domain/bearer-token.ts';
import { verifyPassword } from '../domain/password-hash.ts';
import { recordAudit } from '../store/audit.ts';
import { inTransaction } from '../store/database.ts';
import { isKnownAddress, rememberAddress, strikeGuess } from '../store/guesses.ts';
import { findUserByName, type User } from '../store/users.ts';
import { insertWebSession, type WebSession } from '../store/web-sessions.ts';
import { notePasswordGuess, type PasswordGuessDependencies } from './guess-limits.ts';
import { knownBrowserMs, openKnownBrowser, signKnownBrowser } from './known-browser.ts';

/** A working day: whoever signs in in the morning is out at night. */
export const webSessionMs = 12 * 3_600_000;
/** Office, home, a phone's network and those on the way. */
const knownAddresses = 20;

/** `address`: normalized. `browser`: what a sign-in left with it before, forged or not. */
export type SignInPlace = { address: string; browser: string | undefined };

/** `browser`: for the browser to keep, and to show when somebody signs in there again. */
export type SignedIn = { user: User; session: WebSession; token: Secret; browser: string };

/**
 * One answer for every cause: who guesses learns neither which names exist nor who has no password. Throws
 * `too_many_requests` after too many wrong ones; for strangers only, where it was not this address or browser.
 */
export async function signIn(
  dependencies: PasswordGuessDependencies,
  credentials: { username: string; password: Secret },
  from: SignInPlace,
): Promise<SignedIn> {
  const { database, clock, sealer } = dependencies;
  const user = findUserByName(database, credentials.username);
  const now = clock.now();
  const address = sealer.fingerprint(from.address, 'known-address');
  const browser = user && openKnownBrowser({ sealer }, from.browser, { userId: user.id, now });
  const guessId = notePasswordGuess(dependencies, {
    account: credentials.username,
    source: browser === undefined ? `address/${from.address}` : `browser/${browser}`,
    isKnown:
      browser !== undefined || (user !== undefined && isKnownAddress(database, user.id, address, knownSince(now))),
  });
  const isRight = await verifyPassword(credentials.password, user?.passwordHash ?? undefined);
  if (user === undefined || !isRight) {
    throw new GatehouseError('unauthorized', 'The user name or the password is wrong.');
  }
  const token = newBearerToken('webSession');
  const session = inTransaction(database, (transaction) => {
    strikeGuess(transaction, guessId);
    const known = { userId: user.id, address, seenAt: now };
    rememberAddress(transaction, known, { forgetBefore: knownSince(now), max: knownAddresses });
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
  return { user, session, token, browser: signKnownBrowser({ sealer }, { userId: user.id, now }) };
}

function knownSince(now: Date): Date {
  return new Date(now.getTime() - knownBrowserMs);
}
