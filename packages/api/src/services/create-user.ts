import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashPassword } from '../domain/password-hash.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { insertUser, type User } from '../store/users.ts';

/** A user of no organization yet, made by a site admin. Throws `forbidden` and `already_exists`. */
export async function createUser(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  input: { username: string; password: Secret; isSiteAdmin: boolean; email?: string | undefined },
): Promise<User> {
  if (!actor.isSiteAdmin) {
    throw new GatehouseError(
      'forbidden',
      'Only a site admin makes users on their own. An owner of an organization can invite somebody into it.',
    );
  }
  const passwordHash = await hashPassword(input.password);
  const { username, isSiteAdmin, email } = input;
  return inTransaction(database, (transaction) =>
    insertUser(transaction, { username, passwordHash, isSiteAdmin, email }, { actor, organization: null }, clock.now()),
  );
}
