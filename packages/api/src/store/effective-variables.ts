import { holdingVariables, type VariableOrigin } from '@gatehouse/shared/variable-precedence';
import { and, eq, isNotNull, isNull, or } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { given, prepared } from './prepared.ts';
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

const reaching = prepared((database) =>
  database
    .select({ row: variables, set: variableSets })
    .from(variables)
    .leftJoin(variableSets, eq(variableSets.id, variables.variableSetId))
    .leftJoin(
      variableSetWorkspaces,
      and(
        eq(variableSetWorkspaces.variableSetId, variables.variableSetId),
        eq(variableSetWorkspaces.workspaceId, given('workspaceId', variableSetWorkspaces.workspaceId)),
      ),
    )
    .where(
      and(
        eq(variables.organization, given('organization', variables.organization)),
        or(
          eq(variables.workspaceId, given('workspaceId', variables.workspaceId)),
          and(isNull(variables.workspaceId), isNull(variables.variableSetId)),
          eq(variableSets.global, true),
          isNotNull(variableSetWorkspaces.workspaceId),
        ),
      ),
    )
    .prepare(),
);

/** All that are set for a workspace: its own, those of the sets that reach it, and its organization's. */
export function placedVariables(
  database: Database | Transaction,
  of: { organization: string; workspaceId: string },
): PlacedVariable[] {
  const { organization, workspaceId } = of;
  return reaching(database)
    .all({ organization, workspaceId })
    .map(({ row, set }) => ({ ...row, origin: originOf(row, set) }));
}

function originOf(row: VariableRow, set: typeof variableSets.$inferSelect | null): VariableOrigin {
  if (set === null) return { kind: row.workspaceId === null ? 'organization' : 'workspace' };
  return { kind: 'set', name: set.name, reach: set.global ? 'global' : 'workspace', isPriority: set.priority };
}
