import { isActive, isDecided, runStatuses } from '@gatehouse/shared/run-status';
import { and, asc, desc, eq, inArray, or, sql } from 'drizzle-orm';
import type { WorkspaceQueue } from '../domain/workspace-queue.ts';
import type { Database, Transaction } from './database.ts';
import { given, prepared } from './prepared.ts';
import type { Run } from './runs.ts';
import { runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';

const activeStatuses = runStatuses.filter(isActive);
const decidedStatuses = runStatuses.filter(isDecided);

const active = prepared((database) =>
  database
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, given('workspaceId', runs.workspaceId)),
        eq(runs.planOnly, false),
        inArray(runs.status, activeStatuses),
        or(eq(runs.savePlan, false), inArray(runs.status, decidedStatuses)),
      ),
    )
    // The plus keeps SQLite from walking all runs of the workspace in their order (lang_select.html, queryplanner.html).
    .orderBy(sql`+${runs.sequence}`)
    .limit(1)
    .prepare(),
);

/** The run that holds the workspace; undefined when none does. Plan-only runs never do, and one with a saved plan once it is decided. */
export function findActiveRun(database: Database | Transaction, workspaceId: string): Run | undefined {
  return active(database).get({ workspaceId });
}

const lockOf = prepared((database) =>
  database
    .select({ lockedBy: workspaces.lockedBy })
    .from(workspaces)
    .where(eq(workspaces.id, given('workspaceId', workspaces.id)))
    .prepare(),
);

const pendingOf = prepared((database) =>
  database
    .select({ id: runs.id })
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, given('workspaceId', runs.workspaceId)),
        eq(runs.planOnly, false),
        eq(runs.status, 'pending'),
      ),
    )
    .orderBy(asc(runs.sequence))
    .prepare(),
);

export function readWorkspaceQueue(database: Database | Transaction, workspaceId: string): WorkspaceQueue {
  const workspace = lockOf(database).get({ workspaceId });
  const pending = pendingOf(database).all({ workspaceId });
  return {
    isLocked: workspace === undefined || workspace.lockedBy !== null,
    activeRunId: findActiveRun(database, workspaceId)?.id,
    pendingRunIds: pending.map(({ id }) => id),
  };
}

/**
 * What the API shows as the workspace's current run: the one that holds it, else the head of its queue, else the one that
 * ended last. `currentRunSequence` says the same in SQL.
 */
export function currentRunId(database: Database | Transaction, workspaceId: string): string | undefined {
  const queue = readWorkspaceQueue(database, workspaceId);
  return queue.activeRunId ?? queue.pendingRunIds[0] ?? newestRunId(database, workspaceId);
}

/** The newest of the runs that a workspace's list shows. */
export function newestRunId(database: Database | Transaction, workspaceId: string): string | undefined {
  return database
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.planOnly, false)))
    .orderBy(desc(runs.sequence))
    .limit(1)
    .get()?.id;
}

const listOf = (statuses: typeof activeStatuses) =>
  sql.join(
    statuses.map((status) => sql`${status}`),
    sql`, `,
  );
const ofWorkspace = sql`from runs r where r.workspace_id = ${workspaces.id} and r.plan_only = 0`;

/** In a statement on `workspaces`: the sequence of the current run. Each part is answered by the end of an index. */
export const currentRunSequence = sql`coalesce(
  (select min(r.sequence) ${ofWorkspace} and r.status in (${listOf(activeStatuses)})
    and (r.save_plan = 0 or r.status in (${listOf(decidedStatuses)}))),
  (select min(r.sequence) ${ofWorkspace} and r.status = 'pending'),
  (select r.sequence ${ofWorkspace} order by r.sequence desc limit 1))`;

export function workspacesWithPendingRuns(database: Database): string[] {
  return database
    .selectDistinct({ workspaceId: runs.workspaceId })
    .from(runs)
    .where(eq(runs.status, 'pending'))
    .all()
    .map(({ workspaceId }) => workspaceId);
}

const nameOf = prepared((database) =>
  database
    .select({ name: workspaces.name })
    .from(workspaces)
    .where(eq(workspaces.id, given('workspaceId', workspaces.id)))
    .prepare(),
);

export function workspaceName(database: Database | Transaction, workspaceId: string): string {
  return nameOf(database).get({ workspaceId })?.name ?? workspaceId;
}
