import { readFileSync } from 'node:fs';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { hashOfToken } from '../domain/bearer-token.ts';
import { hashPassword } from '../domain/password-hash.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { insertApiToken } from '../store/tokens.ts';
import { findUserByName, insertUser } from '../store/users.ts';

const secret = (minLength: number) =>
  z
    .string()
    .min(minLength)
    .transform((text) => new Secret(text));

/** A token that others may have chosen is held to the length of ours, so that a plain hash is enough. */
const bootstrapFile = z.strictObject({
  username: z.string().min(2),
  password: secret(1),
  token: secret(40).optional(),
});

export type BootstrapUser = z.output<typeof bootstrapFile>;

/** Throws `invalid_request` without repeating what the file holds. */
export function readBootstrapFile(file: string): BootstrapUser {
  try {
    return bootstrapFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new GatehouseError(
      'invalid_request',
      `GATEHOUSE_BOOTSTRAP_FILE ${file} must be JSON: {"username", "password", "token" of 40 characters or more}.`,
    );
  }
}

/**
 * Makes the first site admin, through whom everything else is made over HTTP. A user of that name who exists already is
 * left as is, password and tokens too, so that the file may stay in place. Returns whether one was made.
 */
export async function bootstrapUser(
  { database, clock }: { database: Database; clock: Clock },
  { username, password, token }: BootstrapUser,
): Promise<boolean> {
  if (findUserByName(database, username) !== undefined) return false;
  const passwordHash = await hashPassword(password);
  const now = clock.now();
  const by = { actor: { userId: null, username: 'gatehouse' }, organization: null };
  const user = inTransaction(database, (transaction) =>
    insertUser(transaction, { username, passwordHash, isSiteAdmin: true }, by, now),
  );
  if (token !== undefined) {
    const row = { userId: user.id, description: 'bootstrap', tokenHash: hashOfToken(token), expiresAt: null };
    await insertApiToken(database, { userId: user.id, username }, row, now);
  }
  return true;
}
