import type { RunStatus } from '@gatehouse/shared/run-status';
import { and, count, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { TagFilter } from '../domain/project-rules.ts';
import type { Database } from './database.ts';
import { runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';
import { workspaceBears } from './tags.ts';
import { latestChange } from './workspace-figures.ts';
import { currentRunSequence } from './workspace-queue.ts';
import type { Workspace } from './workspaces.ts';

export const workspaceOrders = [
  'name',
  '-name',
  'current-run.created-at',
  '-current-run.created-at',
  'latest-change-at',
  '-latest-change-at',
] as const;
export type WorkspaceOrder = (typeof workspaceOrders)[number];

export type WorkspaceFilter = {
  /** Part of the name, whatever its case. */
  search?: string | undefined;
  /** A whole name in which `*` stands for anything. */
  wildcard?: string | undefined;
  /** Bears all of them, itself or through its project. */
  tagged?: readonly TagFilter[];
  /** Bears none of them. */
  notTagged?: readonly TagFilter[];
  projectId?: string | undefined;
  currentRunStatuses?: readonly RunStatus[] | undefined;
};

/** Of those without a run, the ones that sort by it come last. */
export async function listWorkspaces(
  database: Database,
  organization: string,
  filter: WorkspaceFilter,
  page: { limit: number; offset: number },
  order: WorkspaceOrder = 'name',
): Promise<{ workspaces: Workspace[]; totalCount: number }> {
  const where = and(eq(workspaces.organization, organization), ...conditionsOf(filter));
  const [total] = database.select({ count: count() }).from(workspaces).where(where).all();
  const rows = database
    .select()
    .from(workspaces)
    .where(where)
    .orderBy(...ordering(order))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { workspaces: rows, totalCount: total?.count ?? 0 };
}

function conditionsOf(filter: WorkspaceFilter): SQL[] {
  const conditions: SQL[] = [];
  // instr rather than LIKE: "_" is common in names and would be a wildcard.
  if (filter.search) conditions.push(sql`instr(lower(${workspaces.name}), ${filter.search.toLowerCase()}) > 0`);
  if (filter.wildcard) conditions.push(sql`${workspaces.name} like ${likePattern(filter.wildcard)} escape '\\'`);
  if (filter.projectId !== undefined) conditions.push(eq(workspaces.projectId, filter.projectId));
  for (const tag of filter.tagged ?? []) conditions.push(workspaceBears(tag));
  for (const tag of filter.notTagged ?? []) conditions.push(sql`not ${workspaceBears(tag)}`);
  if (filter.currentRunStatuses !== undefined) {
    const isOne = inArray(runs.status, [...filter.currentRunStatuses]);
    conditions.push(sql`exists (select 1 from ${runs} where ${runs.sequence} = ${currentRunSequence} and ${isOne})`);
  }
  return conditions;
}

function likePattern(wildcard: string): string {
  return wildcard.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}

function ordering(order: WorkspaceOrder): SQL[] {
  switch (order) {
    case 'name':
      return [sql`${workspaces.name}`];
    case '-name':
      return [desc(workspaces.name)];
    // Sequences rise with the time of creation.
    case 'current-run.created-at':
      return [sql`${currentRunSequence} asc nulls last`, sql`${workspaces.name}`];
    case '-current-run.created-at':
      return [sql`${currentRunSequence} desc nulls last`, sql`${workspaces.name}`];
    case 'latest-change-at':
      return [sql`${latestChange} asc`, sql`${workspaces.name}`];
    case '-latest-change-at':
      return [sql`${latestChange} desc`, sql`${workspaces.name}`];
    default:
      return order satisfies never;
  }
}
