import type { RunStatus } from '@gatehouse/shared/run-status';
import { and, eq, gte, inArray, lt, not, or, type SQL, sql } from 'drizzle-orm';
import { runCounts, runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';

/** What a run is to do; the words are go-tfe's (run.go). A run is one of them: the first that fits. */
const operations = {
  plan_only: eq(runs.planOnly, true),
  save_plan: eq(runs.savePlan, true),
  destroy: eq(runs.isDestroy, true),
  refresh_only: eq(runs.refreshOnly, true),
  empty_apply: eq(runs.allowEmptyApply, true),
  plan_and_apply: sql`1`,
} as const satisfies Record<string, SQL>;

export type RunOperation = keyof typeof operations;
// Object.keys forgets the key type.
export const runOperations = Object.keys(operations) as RunOperation[];

export type RunFilter = {
  workspaceId?: string | undefined;
  organization?: string | undefined;
  statuses?: readonly RunStatus[] | undefined;
  /** Plan-only runs are left out of a workspace's list, as on the TFE API. */
  withoutPlanOnly?: boolean;
  operations?: readonly RunOperation[] | undefined;
  sources?: readonly string[] | undefined;
  /** From the first until before the second; any of them. */
  created?: readonly (readonly [Date, Date])[] | undefined;
  workspaceNames?: readonly string[] | undefined;
  /** Part of the name of who queued it, whatever its case. */
  user?: string | undefined;
  /** Part of its id, its message or that name. */
  text?: string | undefined;
  /** Something was asked for that no run here has. */
  nothing?: boolean;
};

export function runConditions(filter: RunFilter): SQL | undefined {
  const conditions: (SQL | undefined)[] = [];
  if (filter.workspaceId !== undefined) conditions.push(eq(runs.workspaceId, filter.workspaceId));
  if (filter.organization !== undefined) conditions.push(eq(runs.organization, filter.organization));
  if (filter.statuses !== undefined) conditions.push(inArray(runs.status, [...filter.statuses]));
  if (filter.withoutPlanOnly) conditions.push(eq(runs.planOnly, false));
  if (filter.operations !== undefined) conditions.push(anyOf(filter.operations.map(isOperation)));
  if (filter.sources !== undefined) conditions.push(inArray(runs.source, [...filter.sources]));
  if (filter.created !== undefined) {
    conditions.push(
      anyOf(filter.created.map(([from, until]) => and(gte(runs.createdAt, from), lt(runs.createdAt, until)))),
    );
  }
  if (filter.workspaceNames !== undefined) conditions.push(isInWorkspace(filter.workspaceNames));
  if (filter.user !== undefined) conditions.push(contains(runs.createdByName, filter.user));
  if (filter.text !== undefined) {
    const { text } = filter;
    conditions.push(anyOf([runs.id, runs.message, runs.createdByName].map((column) => contains(column, text))));
  }
  if (filter.nothing) conditions.push(nothing);
  return and(...conditions);
}

/** What `run_counts` is to be asked for the number of these runs; undefined where it cannot tell, and the runs are counted. */
export function countConditions(filter: RunFilter): SQL | undefined {
  const { workspaceId, organization, statuses, withoutPlanOnly, ...others } = filter;
  if ((workspaceId ?? organization) === undefined) return undefined;
  if (Object.values(others).some((asked) => asked !== undefined && asked !== false)) return undefined;
  return and(
    workspaceId === undefined ? undefined : eq(runCounts.workspaceId, workspaceId),
    organization === undefined ? undefined : eq(runCounts.organization, organization),
    statuses === undefined ? undefined : inArray(runCounts.status, [...statuses]),
    withoutPlanOnly ? eq(runCounts.planOnly, false) : undefined,
  );
}

const nothing = sql`0`;

function anyOf(conditions: readonly (SQL | undefined)[]): SQL {
  return or(...conditions) ?? nothing;
}

function isOperation(operation: RunOperation): SQL | undefined {
  const before = runOperations.slice(0, runOperations.indexOf(operation));
  return and(...before.map((other) => not(operations[other])), operations[operation]);
}

function isInWorkspace(names: readonly string[]): SQL {
  const list = inArray(workspaces.name, [...names]);
  return sql`exists (select 1 from ${workspaces} where ${workspaces.id} = ${runs.workspaceId} and ${list})`;
}

function contains(column: typeof runs.id | typeof runs.message | typeof runs.createdByName, part: string): SQL {
  return sql`instr(lower(${column}), ${part.toLowerCase()}) > 0`;
}
