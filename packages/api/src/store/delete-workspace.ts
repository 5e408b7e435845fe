import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction } from './database.ts';
import { findOpenRun } from './open-runs.ts';
import { workspaces } from './schema/workspaces.ts';
import { announceWorkspace, resourceCount, type Workspace, workspaceTarget } from './workspaces.ts';

// go-tfe tells the cases of a refused safe delete apart by the words "locked" and "being processed" (tfe.go).

/** Throws `conflict` while a run is not over: its worker would report to nobody. */
export async function deleteWorkspace(
  database: Database,
  actor: Actor,
  workspace: Workspace,
  options: { onlyWhenEmpty: boolean },
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const open = findOpenRun(transaction, workspace.id);
    if (open !== undefined) {
      throw new GatehouseError(
        'conflict',
        `The workspace ${workspace.name} is being processed by Run ${open.id}. Cancel or discard the run first.`,
      );
    }
    if (options.onlyWhenEmpty && workspace.lockedBy !== null) {
      throw new GatehouseError(
        'conflict',
        `The workspace ${workspace.name} is locked. Unlock it first, or delete by force.`,
      );
    }
    const resources = resourceCount(transaction, workspace.id);
    if (options.onlyWhenEmpty && resources > 0) {
      throw new GatehouseError(
        'conflict',
        `The workspace ${workspace.name} still manages ${resources} resources. Destroy them first, or delete by force.`,
      );
    }
    transaction.delete(workspaces).where(eq(workspaces.id, workspace.id)).run();
    recordAudit(transaction, {
      ...workspaceTarget(workspace, actor, now),
      action: 'workspace.deleted',
      details: { name: workspace.name, resources },
    });
    announceWorkspace(transaction, workspace, now);
  });
}
