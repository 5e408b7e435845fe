import { and, eq, isNull, or } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { variables } from './schema/workspaces.ts';

export type VariableRow = typeof variables.$inferSelect;

/** The variables that hold in a workspace, still sealed: its own, and the organization's that it does not override. */
export function effectiveVariables(
  database: Database | Transaction,
  of: { organization: string; workspaceId: string },
): VariableRow[] {
  const rows = database
    .select()
    .from(variables)
    .where(
      and(
        eq(variables.organization, of.organization),
        or(isNull(variables.workspaceId), eq(variables.workspaceId, of.workspaceId)),
      ),
    )
    .all();
  const byName = new Map<string, VariableRow>();
  // The organization's first, so that the workspace's replace them.
  for (const row of rows.toSorted((a, b) => Number(a.workspaceId !== null) - Number(b.workspaceId !== null))) {
    byName.set(`${row.category}/${row.key}`, row);
  }
  return [...byName.values()];
}
