import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { ownedOrganizations, soleOrganization } from '../store/organizations.ts';
import { requireMember } from './authorize.ts';

/** Which organizations' runs an operator may look at; `all` for site admins. */
export type OperatorScope = 'all' | readonly string[];

/**
 * Site admins operate everything, owners what they own. `organization` narrows it. Throws `forbidden` to who operates
 * nothing, and `not_found` to who is no member of the one that is named.
 */
export async function requireOperator(
  database: Database,
  actor: Actor,
  organization: string | undefined,
): Promise<OperatorScope> {
  if (actor.isSiteAdmin) return organization === undefined ? 'all' : [organization];
  if (organization !== undefined) await requireMember(database, actor, organization);
  const owned = ownedOrganizations(database, actor.userId);
  const scope = organization === undefined ? owned : owned.filter((name) => name === organization);
  if (scope.length === 0) {
    throw new GatehouseError('forbidden', 'The queue is for owners of an organization and for site admins.');
  }
  return scope;
}

/**
 * Lanes and workers serve all organizations, so stopping one is for site admins, or for an owner who is the only
 * organization's.
 */
export function mayOperate(database: Database, actor: Actor): boolean {
  if (actor.isSiteAdmin) return true;
  const sole = soleOrganization(database);
  return sole !== null && ownedOrganizations(database, actor.userId).includes(sole);
}

/** Throws `forbidden`. */
export function requireMayOperate(database: Database, actor: Actor): void {
  if (mayOperate(database, actor)) return;
  throw new GatehouseError(
    'forbidden',
    'Lanes and workers serve every organization here: only a site admin may stop or start them.',
  );
}
