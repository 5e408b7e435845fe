import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { isSaved, isTerminal, type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import { and, eq, inArray } from 'drizzle-orm';
import type { Transaction } from './database.ts';
import { runs } from './schema/runs.ts';

const openStatuses = runStatuses.filter((status) => !isTerminal(status));

/** A run of the workspace that is at work or will be by itself, plan-only ones as well. A saved plan is none of them. */
export function findOpenRun(transaction: Transaction, workspaceId: string): { id: string } | undefined {
  return findRunIn(
    transaction,
    workspaceId,
    openStatuses.filter((status) => !isSaved(status)),
  );
}

function findRunIn(
  transaction: Transaction,
  workspaceId: string,
  statuses: readonly RunStatus[],
): { id: string } | undefined {
  return transaction
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), inArray(runs.status, [...statuses])))
    .limit(1)
    .get();
}

/** A run that waits, or whose plan is saved, would otherwise begin, and one that runs go on, while people apply on their own machines. */
export function refuseOtherMode(transaction: Transaction, workspace: { id: string; name: string }): void {
  const open = findRunIn(transaction, workspace.id, openStatuses);
  if (open === undefined) return;
  throw new GatehouseError(
    'conflict',
    `The execution mode of ${workspace.name} cannot change before Run ${open.id} is over. Let it end, or cancel or discard it.`,
    { pointer: '/data/attributes/execution-mode' },
  );
}
