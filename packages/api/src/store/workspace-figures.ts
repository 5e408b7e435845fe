import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { runPhases, runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';

/** As on the TFE API: of these last runs only, so that what is told is about the workspace as it is now. */
const countedRuns = 30;

export type WorkspaceFigures = {
  runs: number;
  failures: number;
  /** In milliseconds, of the phases that ended well; null when none did. */
  planAverageMs: number | null;
  applyAverageMs: number | null;
};

/** How the last runs of a workspace went. Plan-only runs are left out, as in its list. */
export function workspaceFigures(database: Database, workspaceId: string): WorkspaceFigures {
  const last = database
    .select({ id: runs.id, status: runs.status })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.planOnly, false)))
    .orderBy(desc(runs.sequence))
    .limit(countedRuns)
    .as('last');
  const took = sql`${runPhases.endedAt} - ${runPhases.startedAt}`;
  const averageOf = (phase: string) =>
    sql<number | null>`cast(round(avg(case when ${runPhases.phase} = ${phase} then ${took} end)) as integer)`;
  const row = database
    .select({
      runs: sql<number>`count(distinct ${last.id})`,
      failures: sql<number>`count(distinct case when ${last.status} = 'errored' then ${last.id} end)`,
      planAverageMs: averageOf('plan'),
      applyAverageMs: averageOf('apply'),
    })
    .from(last)
    .leftJoin(runPhases, and(eq(runPhases.runId, last.id), eq(runPhases.outcome, 'finished')))
    .get();
  return row ?? { runs: 0, failures: 0, planAverageMs: null, applyAverageMs: null };
}

/** When something of the workspace changed last: its settings, a run of it, or its state. */
export function latestChangeAt(
  database: Database,
  workspace: { id: string; updatedAt: Date },
  stateAt: Date | undefined,
): Date {
  const run = database
    .select({ createdAt: runs.createdAt, endedAt: runs.endedAt })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspace.id), eq(runs.planOnly, false)))
    .orderBy(desc(runs.sequence))
    .limit(1)
    .get();
  const times = [workspace.updatedAt, stateAt, run?.createdAt, run?.endedAt ?? undefined];
  return new Date(Math.max(...times.map((time) => time?.getTime() ?? 0)));
}

const lastRun = (column: string) => sql`coalesce((
  select r.${sql.raw(column)} from runs r where r.workspace_id = ${workspaces.id} and r.plan_only = 0
  order by r.sequence desc limit 1), 0)`;
const lastState = sql`coalesce((
  select s.created_at from state_versions s where s.workspace_id = ${workspaces.id} order by s.sequence desc limit 1), 0)`;

/** In a statement on `workspaces`: the same as `latestChangeAt` says. */
export const latestChange = sql`max(${workspaces.updatedAt}, ${lastState}, ${lastRun('created_at')}, ${lastRun('ended_at')})`;
