import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findMembership } from '../store/memberships.ts';

/**
 * The thing, where its organization is one of the actor's. What does not exist and what belongs to others is answered
 * with the same words (`not_found`), so that an id that was guessed teaches nothing. `what` such as "run run-1".
 */
export function requireVisible<Thing extends { organization: string }>(
  database: Database,
  actor: Actor,
  thing: Thing | undefined,
  what: string,
): Thing {
  const membership = thing && findMembership(database, thing.organization, actor.userId);
  if (thing === undefined || membership === undefined) {
    throw new GatehouseError('not_found', `There is no ${what} that you may see.`);
  }
  return thing;
}
