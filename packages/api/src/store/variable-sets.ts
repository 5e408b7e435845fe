import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { aliasedTable, and, asc, count, eq, exists, inArray, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import type { VariableRow } from './effective-variables.ts';
import { announceSettingsChange } from './outbox.ts';
import { variableSets, variableSetWorkspaces, variables } from './schema/variables.ts';

export type VariableSet = typeof variableSets.$inferSelect;
/** What a set consists of, beside its own row. */
export type VariableSetParts = { workspaceIds: string[]; variables: VariableRow[] };

/** Throws `already_exists`, for the name or for a variable that another global set has. */
export async function insertVariableSet(
  database: Database,
  actor: Actor,
  set: VariableSet,
  parts: VariableSetParts,
): Promise<void> {
  inTransaction(database, (transaction) => {
    refuseTakenName(transaction, set);
    transaction.insert(variableSets).values(set).run();
    if (parts.variables.length > 0) transaction.insert(variables).values(parts.variables).run();
    setWorkspaces(transaction, set, parts.workspaceIds);
    refuseKeysOfOtherGlobalSets(transaction, set.id);
    const keys = parts.variables.map(({ key, category }) => `${category}/${key}`);
    audit(transaction, actor, set, 'variable_set.created', { workspaceIds: parts.workspaceIds, keys }, set.updatedAt);
  });
}

/** `set` is the whole row as it is to be; `workspaceIds` undefined leaves it where it holds. */
export async function changeVariableSet(
  database: Database,
  actor: Actor,
  set: VariableSet,
  workspaceIds: string[] | undefined,
): Promise<void> {
  inTransaction(database, (transaction) => {
    refuseTakenName(transaction, set);
    transaction.update(variableSets).set(set).where(eq(variableSets.id, set.id)).run();
    // One that becomes global holds everywhere: what it was applied to before says nothing any more.
    if (set.global || workspaceIds !== undefined) setWorkspaces(transaction, set, workspaceIds ?? []);
    refuseKeysOfOtherGlobalSets(transaction, set.id);
    const details = workspaceIds === undefined ? {} : { workspaceIds };
    audit(transaction, actor, set, 'variable_set.changed', details, set.updatedAt);
  });
}

/** Takes its variables with it. */
export async function deleteVariableSet(database: Database, actor: Actor, set: VariableSet, now: Date): Promise<void> {
  inTransaction(database, (transaction) => {
    transaction.delete(variables).where(eq(variables.variableSetId, set.id)).run();
    transaction.delete(variableSets).where(eq(variableSets.id, set.id)).run();
    audit(transaction, actor, set, 'variable_set.deleted', {}, now);
  });
}

/** Adds workspaces to those where the set holds, or takes them away. Done again it changes nothing. */
export async function moveVariableSet(
  database: Database,
  actor: Actor,
  move: { set: VariableSet; workspaceIds: string[]; isApplied: boolean },
  now: Date,
): Promise<void> {
  const { set, workspaceIds, isApplied } = move;
  if (workspaceIds.length === 0) return;
  inTransaction(database, (transaction) => {
    if (isApplied) addWorkspaces(transaction, set, workspaceIds);
    else {
      transaction
        .delete(variableSetWorkspaces)
        .where(
          and(
            eq(variableSetWorkspaces.variableSetId, set.id),
            inArray(variableSetWorkspaces.workspaceId, workspaceIds),
          ),
        )
        .run();
    }
    audit(transaction, actor, set, `variable_set.${isApplied ? 'applied' : 'removed'}`, { workspaceIds }, now);
  });
}

export async function findVariableSet(database: Database, id: string): Promise<VariableSet | undefined> {
  return database.select().from(variableSets).where(eq(variableSets.id, id)).get();
}

/** By name. `search`: part of the name, whatever its case; `workspaceId`: only those that hold there. */
export async function listVariableSets(
  database: Database,
  filter: { organization: string; search?: string | undefined; workspaceId?: string | undefined },
  page: { limit: number; offset: number },
): Promise<{ sets: VariableSet[]; totalCount: number }> {
  const conditions: (SQL | undefined)[] = [eq(variableSets.organization, filter.organization)];
  // instr rather than LIKE: "_" is common in names and would be a wildcard.
  if (filter.search) conditions.push(sql`instr(lower(${variableSets.name}), ${filter.search.toLowerCase()}) > 0`);
  if (filter.workspaceId !== undefined) {
    const applied = database
      .select({ one: sql`1` })
      .from(variableSetWorkspaces)
      .where(
        and(
          eq(variableSetWorkspaces.variableSetId, variableSets.id),
          eq(variableSetWorkspaces.workspaceId, filter.workspaceId),
        ),
      );
    conditions.push(or(eq(variableSets.global, true), exists(applied)));
  }
  const where = and(...conditions);
  const [total] = database.select({ count: count() }).from(variableSets).where(where).all();
  const sets = database
    .select()
    .from(variableSets)
    .where(where)
    .orderBy(asc(variableSets.name))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { sets, totalCount: total?.count ?? 0 };
}

export async function variableSetParts(
  database: Database,
  setIds: readonly string[],
): Promise<Map<string, VariableSetParts>> {
  const parts = new Map<string, VariableSetParts>(setIds.map((id) => [id, { workspaceIds: [], variables: [] }]));
  const rows = database
    .select()
    .from(variables)
    .where(inArray(variables.variableSetId, [...setIds]))
    .orderBy(variables.key, variables.category)
    .all();
  for (const row of rows) parts.get(row.variableSetId ?? '')?.variables.push(row);
  const places = database
    .select()
    .from(variableSetWorkspaces)
    .where(inArray(variableSetWorkspaces.variableSetId, [...setIds]))
    .orderBy(variableSetWorkspaces.workspaceId)
    .all();
  for (const { variableSetId, workspaceId } of places) parts.get(variableSetId)?.workspaceIds.push(workspaceId);
  return parts;
}

/**
 * Global sets hold everywhere at once, so no two of them may have a variable of one name, as on the TFE API. Asked
 * after a write, in its transaction; `setId` null, or of a set that is not global: nothing to ask. Throws `already_exists`.
 */
export function refuseKeysOfOtherGlobalSets(transaction: Transaction, setId: string | null): void {
  if (setId === null) return;
  const [otherSets, others] = [aliasedTable(variableSets, 'other_sets'), aliasedTable(variables, 'others')];
  const taken = transaction
    .select({ key: variables.key, category: variables.category, name: otherSets.name })
    .from(variables)
    .innerJoin(variableSets, and(eq(variableSets.id, variables.variableSetId), eq(variableSets.global, true)))
    .innerJoin(others, and(eq(others.key, variables.key), eq(others.category, variables.category)))
    .innerJoin(
      otherSets,
      and(
        eq(otherSets.id, others.variableSetId),
        eq(otherSets.organization, variableSets.organization),
        eq(otherSets.global, true),
        ne(otherSets.id, setId),
      ),
    )
    .where(eq(variables.variableSetId, setId))
    .limit(1)
    .get();
  if (taken === undefined) return;
  throw new GatehouseError(
    'already_exists',
    `The global variable set "${taken.name}" has a variable ${taken.key} (${taken.category}) already. Two global sets ` +
      'cannot: neither would be nearer to a workspace.',
  );
}

function setWorkspaces(transaction: Transaction, set: VariableSet, workspaceIds: readonly string[]): void {
  transaction.delete(variableSetWorkspaces).where(eq(variableSetWorkspaces.variableSetId, set.id)).run();
  addWorkspaces(transaction, set, workspaceIds);
}

function addWorkspaces(transaction: Transaction, set: VariableSet, workspaceIds: readonly string[]): void {
  if (workspaceIds.length === 0) return;
  const rows = workspaceIds.map((workspaceId) => ({ variableSetId: set.id, workspaceId }));
  transaction.insert(variableSetWorkspaces).values(rows).onConflictDoNothing().run();
}

function refuseTakenName(transaction: Transaction, set: VariableSet): void {
  const taken = transaction
    .select({ id: variableSets.id })
    .from(variableSets)
    .where(
      and(
        eq(variableSets.organization, set.organization),
        eq(variableSets.name, set.name),
        ne(variableSets.id, set.id),
      ),
    )
    .get();
  if (taken === undefined) return;
  throw new GatehouseError('already_exists', `There is a variable set "${set.name}" in ${set.organization} already.`, {
    pointer: '/data/attributes/name',
  });
}

function audit(
  transaction: Transaction,
  actor: Actor,
  set: VariableSet,
  action: string,
  more: Record<string, unknown>,
  at: Date,
): void {
  const { organization, id, name, global, priority } = set;
  const details = { name, global, priority, ...more };
  recordAudit(transaction, { organization, actor, action, targetType: 'varsets', targetId: id, details, at });
  announceSettingsChange(transaction, { organization, workspaceId: null, workspace: null }, at);
}
