import { isSaved, runStatuses } from '@gatehouse/shared/run-status';
import { and, eq, inArray } from 'drizzle-orm';
import type { StateWriter } from '../domain/next-state.ts';
import { finalizeAsSame, forgetAnnouncement, requirePending } from './announced-states.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { enqueue } from './outbox.ts';
import { users } from './schema/identity.ts';
import { runs } from './schema/runs.ts';
import { stateVersionOutputs, stateVersions, workspaces } from './schema/workspaces.ts';
import { judgeState } from './state-rules.ts';
import {
  currentStateVersion,
  type NewStateVersion,
  type NewStateVersionOutput,
  type StateVersionRow,
} from './state-versions.ts';

/**
 * Stores a state version as the current one, when the rules allow it against the current state of this very moment.
 * Returns the version that is current afterwards, which is the former one when nothing differs. `isAnnounced`: it takes
 * the place of the announcement with its id. A person's is audited.
 * Throws `state_invalid`, `workspace_locked` (a person without the lock), `conflict` (a run that was given up, or an
 * announcement that was discarded).
 */
export async function insertStateVersion(
  database: Database,
  version: NewStateVersion,
  outputs: readonly NewStateVersionOutput[],
  { writer, isAnnounced }: { writer: StateWriter; isAnnounced: boolean },
): Promise<{ version: StateVersionRow; isNew: boolean }> {
  return inTransaction(database, (transaction) => {
    const announced = isAnnounced ? requirePending(transaction, version.id) : undefined;
    const current = currentStateVersion(transaction, version.workspaceId);
    const candidate = { ...version, runId: version.runId ?? null, createdBy: version.createdBy ?? null };
    const verdict = judgeState(transaction, current, candidate, writer);
    if (verdict === 'same' && current !== undefined) {
      if (announced !== undefined) finalizeAsSame(transaction, announced.id, current.id);
      return { version: current, isNew: false };
    }
    if (announced !== undefined) forgetAnnouncement(transaction, announced.id);
    const values = { ...version, hasJson: announced?.hasJson ?? version.hasJson ?? false };
    const stored = transaction.insert(stateVersions).values(values).returning().get();
    for (const output of outputs) transaction.insert(stateVersionOutputs).values(output).run();
    if (writer.kind === 'person') audit(transaction, stored, writer);
    outdateSavedPlans(transaction, stored);
    return { version: stored, isNew: true };
  });
}

/** Plans of the workspace that were saved against the state before are of no use any more; that is seen to behind this. */
function outdateSavedPlans(transaction: Transaction, { workspaceId, createdAt: at }: StateVersionRow): void {
  const saved = transaction
    .select({ runId: runs.id })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), inArray(runs.status, runStatuses.filter(isSaved))))
    .all();
  for (const { runId } of saved) enqueue(transaction, { runId, at }, { kind: 'discard-outdated-plan' });
}

function audit(transaction: Transaction, stored: StateVersionRow, { force }: { force: boolean }): void {
  const { workspaceId, createdBy, rollbackOf } = stored;
  const workspace = transaction.select().from(workspaces).where(eq(workspaces.id, workspaceId)).get();
  const user = createdBy === null ? undefined : transaction.select().from(users).where(eq(users.id, createdBy)).get();
  recordAudit(transaction, {
    organization: workspace?.organization ?? null,
    actor: { userId: createdBy, username: user?.username ?? '' },
    action: rollbackOf === null ? 'state_version.uploaded' : 'state_version.rolled_back',
    targetType: 'state-versions',
    targetId: stored.id,
    details: {
      workspace: workspace?.name,
      serial: stored.serial,
      ...(rollbackOf === null ? { force } : { to: rollbackOf }),
      ...(stored.runId === null ? {} : { runId: stored.runId }),
    },
    at: stored.createdAt,
  });
}
