import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findMembership, type Membership, ownerNames } from '../store/memberships.ts';

/**
 * Two questions that every route of an organization asks first. Who is no member learns nothing, not even that it
 * exists (`not_found`); a member without the role is told who can (`forbidden`).
 */
export async function requireMember(database: Database, actor: Actor, organization: string): Promise<Membership> {
  const membership = findMembership(database, organization, actor.userId);
  if (membership === undefined) {
    throw new GatehouseError('not_found', `There is no organization "${organization}" that you are a member of.`);
  }
  return membership;
}

/** `deed`: what only an owner may, told to a member. */
export async function requireOwner(
  database: Database,
  actor: Actor,
  organization: string,
  deed = 'do this',
): Promise<Membership> {
  const membership = await requireMember(database, actor, organization);
  if (membership.role !== 'owner') {
    const owners = ownerNames(database, organization);
    throw new GatehouseError(
      'forbidden',
      `Only an owner of ${organization} may ${deed}. An owner can: ${owners.join(', ')}.`,
    );
  }
  return membership;
}
