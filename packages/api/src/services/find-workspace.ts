import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import type { Membership } from '../store/memberships.ts';
import { findMembership } from '../store/memberships.ts';
import { findWorkspace, findWorkspaceByName, type Workspace } from '../store/workspaces.ts';
import { requireMember, requireOwner } from './authorize.ts';

/** How a request names a workspace. */
export type WorkspaceAddress = { id: string } | { organization: string; name: string };

/** A workspace of an organization that the actor is a member of; else `not_found`, whether it exists or not. */
export async function requireWorkspace(
  database: Database,
  actor: Actor,
  address: WorkspaceAddress,
): Promise<{ workspace: Workspace; membership: Membership }> {
  const workspace =
    'id' in address
      ? await findWorkspace(database, address.id)
      : await findWorkspaceByName(database, address.organization, address.name);
  const membership = workspace && findMembership(database, workspace.organization, actor.userId);
  if (workspace === undefined || membership === undefined) {
    if (!('id' in address)) await requireMember(database, actor, address.organization);
    const name = 'id' in address ? address.id : `"${address.name}"`;
    throw new GatehouseError('not_found', `There is no workspace ${name} that you may see.`);
  }
  return { workspace, membership };
}

/** The same, for what only an owner may do: `forbidden` for the other members. */
export async function requireOwnWorkspace(
  database: Database,
  actor: Actor,
  address: WorkspaceAddress,
): Promise<{ workspace: Workspace; membership: Membership }> {
  const found = await requireWorkspace(database, actor, address);
  await requireOwner(database, actor, found.workspace.organization);
  return found;
}
