import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { endAnnouncements } from './announced-states.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { users } from './schema/identity.ts';
import { workspaces } from './schema/workspaces.ts';
import { teamBehind } from './service-accounts.ts';
import { findActiveRun } from './workspace-queue.ts';
import type { Workspace } from './workspaces.ts';

// go-tfe tells the cases of a refused unlock apart by the words "is locked by Run", "… by User" and "… by Team" (tfe.go).

/** Nothing starts in a locked workspace. Throws `workspace_locked` when it is locked or a run holds it. */
export async function lockWorkspace(
  database: Database,
  actor: Actor,
  workspaceId: string,
  reason: string,
  now: Date,
): Promise<Workspace> {
  return inTransaction(database, (transaction) => {
    const workspace = readWorkspace(transaction, workspaceId);
    refuseHeldByRun(transaction, workspace);
    if (workspace.lockedBy !== null) throw lockedByUser(transaction, workspace, workspace.lockedBy);
    transaction
      .update(workspaces)
      .set({ lockedBy: actor.userId, lockReason: reason })
      .where(eq(workspaces.id, workspaceId))
      .run();
    audit(transaction, workspace, actor, 'workspace.locked', { reason }, now);
    return { ...workspace, lockedBy: actor.userId, lockReason: reason };
  });
}

/**
 * `force` takes a lock away that somebody else set. Throws `workspace_locked`, `conflict` when it is not
 * locked, `state_pending` while a state is on its way.
 */
export async function unlockWorkspace(
  database: Database,
  actor: Actor,
  workspaceId: string,
  options: { force: boolean },
  now: Date,
): Promise<Workspace> {
  return inTransaction(database, (transaction) => {
    const workspace = readWorkspace(transaction, workspaceId);
    if (workspace.lockedBy === null) {
      refuseHeldByRun(transaction, workspace);
      throw new GatehouseError('conflict', `The workspace ${workspace.name} is not locked.`);
    }
    if (workspace.lockedBy !== actor.userId && !options.force) {
      throw lockedByUser(transaction, workspace, workspace.lockedBy);
    }
    endAnnouncements(transaction, workspace, { force: options.force, now });
    transaction
      .update(workspaces)
      .set({ lockedBy: null, lockReason: null })
      .where(eq(workspaces.id, workspaceId))
      .run();
    const details = { lockedBy: nameOf(transaction, workspace.lockedBy) };
    audit(
      transaction,
      workspace,
      actor,
      options.force ? 'workspace.force_unlocked' : 'workspace.unlocked',
      details,
      now,
    );
    return { ...workspace, lockedBy: null, lockReason: null };
  });
}

/** What holds a workspace: `Run run-…`, `User olga ("why")` or `Team deploy ("why")`; undefined when it is free. */
export function holderOf(transaction: Transaction, workspaceId: string): string | undefined {
  const workspace = readWorkspace(transaction, workspaceId);
  const run = findActiveRun(transaction, workspaceId);
  if (run !== undefined) return `Run ${run.id}`;
  return workspace.lockedBy === null ? undefined : lockHolder(transaction, workspace, workspace.lockedBy);
}

function readWorkspace(transaction: Transaction, id: string): Workspace {
  const workspace = transaction.select().from(workspaces).where(eq(workspaces.id, id)).get();
  if (workspace === undefined) throw new GatehouseError('not_found', `There is no workspace ${id}.`);
  return workspace;
}

function refuseHeldByRun(transaction: Transaction, workspace: Workspace): void {
  const run = findActiveRun(transaction, workspace.id);
  if (run === undefined) return;
  throw new GatehouseError('workspace_locked', `The workspace ${workspace.name} is locked by Run ${run.id}.`);
}

function lockedByUser(transaction: Transaction, workspace: Workspace, userId: string): GatehouseError {
  const holder = lockHolder(transaction, workspace, userId);
  return new GatehouseError('workspace_locked', `The workspace ${workspace.name} is locked by ${holder}.`);
}

function lockHolder(transaction: Transaction, workspace: Workspace, userId: string): string {
  const why = workspace.lockReason ? ` ("${workspace.lockReason}")` : '';
  const team = teamBehind(transaction, userId);
  return team === undefined ? `User ${nameOf(transaction, userId)}${why}` : `Team ${team.name}${why}`;
}

function nameOf(transaction: Transaction, userId: string): string {
  const user = transaction.select({ username: users.username }).from(users).where(eq(users.id, userId)).get();
  return user?.username ?? userId;
}

/** There is no change of a lock without its record, nor without its announcement. */
function audit(
  transaction: Transaction,
  workspace: Workspace,
  actor: Actor,
  action: string,
  details: Record<string, unknown>,
  at: Date,
): void {
  const { organization, id, name } = workspace;
  const target = { organization, targetType: 'workspaces', targetId: id };
  recordAudit(transaction, { ...target, actor, action, details: { workspace: name, ...details }, at });
  announceSettingsChange(transaction, { organization, workspaceId: id, workspace: name }, at);
}
