import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { findOpenRun } from './open-runs.ts';
import type { Organization } from './organizations.ts';
import { memberships, organizations, teams } from './schema/identity.ts';
import { variableSets, variables } from './schema/variables.ts';
import { workspaces } from './schema/workspaces.ts';
import { dropServiceAccount } from './service-accounts.ts';
import { resourceCount } from './workspaces.ts';

/**
 * With everything of it but its people and its audit records. Throws `conflict` while a run is not over, or while a
 * state still manages something: nobody could find it any more.
 */
export async function deleteOrganization(
  database: Database,
  actor: Actor,
  { name, externalId }: Organization,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    refuseWhileInUse(transaction, name);
    dropServiceAccount(transaction, externalId);
    const teamIds = transaction.select({ id: teams.id }).from(teams).where(eq(teams.organization, name)).all();
    for (const { id } of teamIds) dropServiceAccount(transaction, id);
    transaction.delete(teams).where(eq(teams.organization, name)).run();
    transaction.delete(variables).where(eq(variables.organization, name)).run();
    transaction.delete(variableSets).where(eq(variableSets.organization, name)).run();
    transaction.delete(workspaces).where(eq(workspaces.organization, name)).run();
    transaction.delete(memberships).where(eq(memberships.organization, name)).run();
    transaction.delete(organizations).where(eq(organizations.name, name)).run();
    recordAudit(transaction, {
      organization: name,
      actor,
      action: 'organization.deleted',
      targetType: 'organizations',
      targetId: name,
      at: now,
    });
  });
}

function refuseWhileInUse(transaction: Transaction, organization: string): void {
  const all = transaction
    .select({ id: workspaces.id, name: workspaces.name })
    .from(workspaces)
    .where(eq(workspaces.organization, organization))
    .all();
  for (const { id, name } of all) {
    const open = findOpenRun(transaction, id);
    if (open !== undefined) {
      throw new GatehouseError('conflict', `${open.id} in ${name} is not over. Cancel or discard it first.`);
    }
    const resources = resourceCount(transaction, id);
    if (resources === 0) continue;
    throw new GatehouseError(
      'conflict',
      `The workspace ${name} still manages ${resources} resources. Destroy them, or delete the workspace by force.`,
    );
  }
}
