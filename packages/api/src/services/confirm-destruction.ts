import type { Actor } from '../domain/actor.ts';
import { planDestroys, requireConfirmName } from '../domain/confirm-name.ts';
import type { Database, Transaction } from '../store/database.ts';
import { findPhase } from '../store/phases.ts';
import type { Run } from '../store/runs.ts';
import { workspaceName } from '../store/workspace-queue.ts';

/** Before an apply: a person on the page has typed the workspace's name, if its plan destroys. Throws `confirm_name_required`. */
export function requireConfirmedDestruction(
  database: Database | Transaction,
  run: Run,
  by: Actor,
  given: string | undefined,
): void {
  if (!planDestroys(findPhase(database, run.id, 'plan'))) return;
  requireConfirmName(by, { workspaceName: workspaceName(database, run.workspaceId), given });
}
