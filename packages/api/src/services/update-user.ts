import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { changeUser, findUser, type User } from '../store/users.ts';
import { requirePerson } from './authorize.ts';

export type UserChange = { username?: string; email?: string };

/**
 * People change their own name; site admins change names and addresses of everybody. An address is for site admins
 * alone: Gatehouse sends no mail and so cannot check it, and whoever claims another's would be invited in their place.
 */
export async function updateUser(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  userId: string,
  change: UserChange,
): Promise<User> {
  requirePerson(actor);
  if (userId !== actor.userId && !actor.isSiteAdmin) {
    throw new GatehouseError('forbidden', 'Only a site admin changes the accounts of others.');
  }
  if (change.email !== undefined && !actor.isSiteAdmin) {
    throw new GatehouseError('forbidden', 'Only a site admin sets e-mail addresses, since nobody else checks them.');
  }
  await changeUser(database, actor, userId, change, clock.now());
  const user = await findUser(database, userId);
  if (user === undefined) throw new GatehouseError('not_found', `There is no user ${userId}.`);
  return user;
}
