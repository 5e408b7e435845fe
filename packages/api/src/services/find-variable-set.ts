import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findMembership, type Membership } from '../store/memberships.ts';
import { findVariableSet, type VariableSet } from '../store/variable-sets.ts';
import { requireOwner } from './authorize.ts';

/** A variable set of an organization that the actor is a member of; else `not_found`, whether it exists or not. */
export async function requireVariableSet(
  database: Database,
  actor: Actor,
  id: string,
): Promise<{ set: VariableSet; membership: Membership }> {
  const set = await findVariableSet(database, id);
  const membership = set && findMembership(database, set.organization, actor.userId);
  if (set === undefined || membership === undefined) {
    throw new GatehouseError('not_found', `There is no variable set ${id} that you may see.`);
  }
  return { set, membership };
}

/** The same, for what only an owner may do: `forbidden` for the other members. */
export async function requireOwnVariableSet(database: Database, actor: Actor, id: string): Promise<VariableSet> {
  const { set } = await requireVariableSet(database, actor, id);
  await requireOwner(database, actor, set.organization);
  return set;
}
