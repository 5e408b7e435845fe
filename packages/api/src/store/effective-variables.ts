import { holdingVariables, type VariableOrigin } from '@gatehouse/shared/variable-precedence';
import { and, eq, isNotNull, isNull, or } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { variableSets, variableSetWorkspaces, variables } from './schema/variables.ts';

export type VariableRow = typeof variables.$inferSelect;
/** A variable together with where it comes from, on which it depends whether it holds. */
export type PlacedVariable = VariableRow & { origin: VariableOrigin };

/** The variables that hold in a workspace, still sealed: of each name the strongest. */
export function effectiveVariables(
  database: Database | Transaction,
  of: { organization: string; workspaceId: string },
): PlacedVariable[] {
  return holdingVariables(placedVariables(database, of));
}

/** All that are set for a workspace: its own, those of the sets that reach it, and its organization's. */
export function placedVariables(
  database: Database | Transaction,
  of: { organization: string; workspaceId: string },
): PlacedVariable[] {
  return database
    .select({ row: variables, set: variableSets })
    .from(variables)
    .leftJoin(variableSets, eq(variableSets.id, variables.variableSetId))
    .leftJoin(
      variableSetWorkspaces,
      and(
        eq(variableSetWorkspaces.variableSetId, variables.variableSetId),
        eq(variableSetWorkspaces.workspaceId, of.workspaceId),
      ),
    )
    .where(
      and(
        eq(variables.organization, of.organization),
        or(
          eq(variables.workspaceId, of.workspaceId),
          and(isNull(variables.workspaceId), isNull(variables.variableSetId)),
          eq(variableSets.global, true),
          isNotNull(variableSetWorkspaces.workspaceId),
        ),
      ),
    )
    .all()
    .map(({ row, set }) => ({ ...row, origin: originOf(row, set) }));
}

function originOf(row: VariableRow, set: typeof variableSets.$inferSelect | null): VariableOrigin {
  if (set === null) return { kind: row.workspaceId === null ? 'organization' : 'workspace' };
  return { kind: 'set', name: set.name, reach: set.global ? 'global' : 'workspace', isPriority: set.priority };
}
