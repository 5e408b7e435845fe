import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type Actor, isPerson } from '../domain/actor.ts';
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

/** What concerns one's own account is for people: throws `forbidden` to the token of a team or an organization. */
export function requirePerson(actor: Actor): void {
  if (isPerson(actor)) return;
  throw new GatehouseError('forbidden', 'This is for people, not for the token of a team or an organization.');
}

/**
 * As on Terraform Enterprise: an organization's token sets things up, and neither uploads configurations nor queues,
 * decides on or authenticates runs. Throws `forbidden`; whether a person or a team may is asked elsewhere.
 */
export function refuseOrganizationToken(actor: Pick<Actor, 'via'>): void {
  if (actor.via !== 'organization-token') return;
  throw new GatehouseError(
    'forbidden',
    "An organization's token sets up workspaces, teams and members, but starts, decides and stops no runs. Use the token of a team.",
  );
}
