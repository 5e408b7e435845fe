import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashPassword } from '../domain/password-hash.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { insertMembership, type Membership } from '../store/memberships.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { findUserByName, insertUser } from '../store/users.ts';
import { requireOwner } from './authorize.ts';

/**
 * Adds somebody to an organization: a user that there is, or with `password` a new one, who changes it after the first
 * sign-in. An owner learns here whether a user name is taken, which cannot be helped.
 */
export async function inviteMember(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  input: { organization: string; username: string; role: MemberRole; password: Secret | undefined },
): Promise<Membership> {
  const { organization, username, role, password } = input;
  await requireOwner(database, actor, organization);
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  const now = clock.now();
  return inTransaction(database, (transaction) => {
    const user =
      passwordHash === undefined
        ? findUserByName(transaction, username)
        : insertUser(transaction, { username, passwordHash, isSiteAdmin: false }, { actor, organization }, now);
    if (user === undefined) {
      throw new GatehouseError(
        'invalid_request',
        `There is no user "${username}". To make one, send an initial password too.`,
        { pointer: '/data/attributes/username' },
      );
    }
    const member = { organization, user: { userId: user.id, username: user.username }, role };
    return insertMembership(transaction, actor, member, now);
  });
}
