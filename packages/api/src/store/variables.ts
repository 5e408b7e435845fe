import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { and, count, eq, isNull } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import type { VariableRow } from './effective-variables.ts';
import { announceSettingsChange } from './outbox.ts';
import { variables } from './schema/variables.ts';
import { refuseKeysOfOtherGlobalSets } from './variable-sets.ts';
import { workspaceName } from './workspace-queue.ts';

/** Whose variables: a workspace's, a variable set's, or, with neither, the organization's. */
export type VariableScope = {
  organization: string;
  workspaceId: string | null;
  variableSetId?: string | null;
};

/** Throws `already_exists` when the scope has the name in that category. */
export async function insertVariable(database: Database, actor: Actor, row: VariableRow): Promise<void> {
  inTransaction(database, (transaction) => {
    refuseTakenKey(transaction, row);
    transaction.insert(variables).values(row).run();
    refuseKeysOfOtherGlobalSets(transaction, row.variableSetId);
    audit(transaction, actor, row, 'variable.created', {}, row.updatedAt);
  });
}

/** `row` is the whole variable as it is to be. */
export async function changeVariable(
  database: Database,
  actor: Actor,
  row: VariableRow,
  isNewValue: boolean,
): Promise<void> {
  inTransaction(database, (transaction) => {
    refuseTakenKey(transaction, row);
    transaction.update(variables).set(row).where(eq(variables.id, row.id)).run();
    refuseKeysOfOtherGlobalSets(transaction, row.variableSetId);
    audit(transaction, actor, row, 'variable.changed', { isNewValue }, row.updatedAt);
  });
}

export async function deleteVariable(database: Database, actor: Actor, row: VariableRow, now: Date): Promise<void> {
  inTransaction(database, (transaction) => {
    transaction.delete(variables).where(eq(variables.id, row.id)).run();
    audit(transaction, actor, row, 'variable.deleted', {}, now);
  });
}

export async function findVariable(database: Database, id: string): Promise<VariableRow | undefined> {
  return database.select().from(variables).where(eq(variables.id, id)).get();
}

/** By key. */
export async function listVariables(
  database: Database,
  scope: VariableScope,
  page: { limit: number; offset: number },
): Promise<{ variables: VariableRow[]; totalCount: number }> {
  const where = inScope(scope);
  const [total] = database.select({ count: count() }).from(variables).where(where).all();
  const rows = database
    .select()
    .from(variables)
    .where(where)
    .orderBy(variables.key, variables.category)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { variables: rows, totalCount: total?.count ?? 0 };
}

function inScope({ organization, workspaceId, variableSetId = null }: VariableScope) {
  return and(
    eq(variables.organization, organization),
    workspaceId === null ? isNull(variables.workspaceId) : eq(variables.workspaceId, workspaceId),
    variableSetId === null ? isNull(variables.variableSetId) : eq(variables.variableSetId, variableSetId),
  );
}

function refuseTakenKey(transaction: Transaction, row: VariableRow): void {
  const taken = transaction
    .select({ id: variables.id })
    .from(variables)
    .where(and(inScope(row), eq(variables.category, row.category), eq(variables.key, row.key)))
    .get();
  if (taken === undefined || taken.id === row.id) return;
  const what = `There is a variable ${row.key} (${row.category}) in ${placeOf(row)} already.`;
  throw new GatehouseError('already_exists', what, { pointer: '/data/attributes/key' });
}

function placeOf({ workspaceId, variableSetId, organization }: VariableRow): string {
  if (variableSetId !== null) return 'this variable set';
  return workspaceId === null ? `the organization ${organization}` : 'this workspace';
}

function audit(
  transaction: Transaction,
  actor: Actor,
  row: VariableRow,
  action: string,
  more: Record<string, unknown>,
  at: Date,
): void {
  const { organization, id, key, category, sensitive, workspaceId, variableSetId } = row;
  const target = { organization, targetType: 'vars', targetId: id };
  const details = {
    key,
    category,
    sensitive,
    workspaceId,
    ...(variableSetId === null ? {} : { variableSetId }),
    ...more,
  };
  recordAudit(transaction, { ...target, actor, action, details, at });
  const workspace = workspaceId === null ? null : workspaceName(transaction, workspaceId);
  announceSettingsChange(transaction, { organization, workspaceId, workspace }, at);
}
