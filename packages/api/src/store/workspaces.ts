import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, count, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { findOpenRun, refuseOtherMode } from './open-runs.ts';
import { announceSettingsChange } from './outbox.ts';
import { stateVersions, workspaces } from './schema/workspaces.ts';

export type Workspace = typeof workspaces.$inferSelect;

/** What a person sets; the rest is Gatehouse's. */
export type WorkspaceSettings = Pick<
  Workspace,
  | 'name'
  | 'description'
  | 'mfaLevel'
  | 'autoApply'
  | 'executionMode'
  | 'terraformVersion'
  | 'workingDirectory'
  | 'roleArn'
  | 'planSessionPolicy'
  | 'sessionDurationSeconds'
  | 'awsDelivery'
  | 'structuredOutput'
>;

export const newWorkspaceSettings: Omit<WorkspaceSettings, 'name'> = {
  description: '',
  // Off by default (M1).
  mfaLevel: 'never',
  autoApply: false,
  executionMode: 'remote',
  terraformVersion: 'latest',
  workingDirectory: '',
  roleArn: null,
  planSessionPolicy: null,
  // AWS's default for AssumeRole, and the most that role chaining allows.
  sessionDurationSeconds: 3600,
  awsDelivery: 'endpoint',
  structuredOutput: false,
};

/** Throws `already_exists`. */
export async function createWorkspace(
  database: Database,
  actor: Actor,
  input: { organization: string; settings: WorkspaceSettings },
  now: Date,
): Promise<Workspace> {
  const row: Workspace = {
    ...input.settings,
    id: newId('workspace', now.getTime()),
    organization: input.organization,
    lockedBy: null,
    lockReason: null,
    createdAt: now,
    updatedAt: now,
  };
  return inTransaction(database, (transaction) => {
    refuseTakenName(transaction, input.organization, row.name, undefined);
    transaction.insert(workspaces).values(row).run();
    recordAudit(transaction, {
      ...auditTarget(row, actor, now),
      action: 'workspace.created',
      details: { name: row.name, mfaLevel: row.mfaLevel },
    });
    announce(transaction, row, now);
    return row;
  });
}

export async function findWorkspace(database: Database, id: string): Promise<Workspace | undefined> {
  return database.select().from(workspaces).where(eq(workspaces.id, id)).get();
}

export async function findWorkspaceByName(
  database: Database,
  organization: string,
  name: string,
): Promise<Workspace | undefined> {
  return database
    .select()
    .from(workspaces)
    .where(and(eq(workspaces.organization, organization), eq(workspaces.name, name)))
    .get();
}

/** By name. `search`: part of the name, whatever its case. */
export async function listWorkspaces(
  database: Database,
  organization: string,
  filter: { search?: string | undefined },
  page: { limit: number; offset: number },
): Promise<{ workspaces: Workspace[]; totalCount: number }> {
  const conditions: SQL[] = [eq(workspaces.organization, organization)];
  // instr rather than LIKE: "_" is common in names and would be a wildcard.
  if (filter.search) conditions.push(sql`instr(lower(${workspaces.name}), ${filter.search.toLowerCase()}) > 0`);
  const where = and(...conditions);
  const [total] = database.select({ count: count() }).from(workspaces).where(where).all();
  const rows = database
    .select()
    .from(workspaces)
    .where(where)
    .orderBy(workspaces.name)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { workspaces: rows, totalCount: total?.count ?? 0 };
}

/** Audits each changed setting with its value before and after; a new MFA level under an action of its own (M1). */
export async function changeWorkspace(
  database: Database,
  actor: Actor,
  before: Workspace,
  settings: Partial<WorkspaceSettings>,
  now: Date,
): Promise<Workspace> {
  return inTransaction(database, (transaction) => {
    const after: Workspace = { ...before, ...settings, updatedAt: now };
    if (after.executionMode !== before.executionMode) refuseOtherMode(transaction, before);
    if (after.name !== before.name) refuseTakenName(transaction, before.organization, after.name, before.id);
    transaction
      .update(workspaces)
      .set({ ...settings, updatedAt: now })
      .where(eq(workspaces.id, before.id))
      .run();
    const target = auditTarget(after, actor, now);
    if (after.mfaLevel !== before.mfaLevel) {
      recordAudit(transaction, {
        ...target,
        action: 'workspace.mfa_level_changed',
        details: { workspace: after.name, before: before.mfaLevel, after: after.mfaLevel },
      });
    }
    const changes = changesBetween(before, after, settings);
    if (Object.keys(changes).length > 0) {
      recordAudit(transaction, {
        ...target,
        action: 'workspace.changed',
        details: { workspace: after.name, changes },
      });
    }
    announce(transaction, after, now);
    return after;
  });
}

/** Throws `conflict` while a run is not over: its worker would report to nobody. */
export async function deleteWorkspace(
  database: Database,
  actor: Actor,
  workspace: Workspace,
  options: { onlyWhenEmpty: boolean },
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const open = findOpenRun(transaction, workspace.id);
    if (open !== undefined) {
      throw new GatehouseError(
        'conflict',
        `The workspace ${workspace.name} is being processed by Run ${open.id}. Cancel or discard the run first.`,
      );
    }
    const resources = resourceCount(transaction, workspace.id);
    if (options.onlyWhenEmpty && resources > 0) {
      throw new GatehouseError(
        'conflict',
        `The workspace ${workspace.name} still manages ${resources} resources. Destroy them first, or delete by force.`,
      );
    }
    transaction.delete(workspaces).where(eq(workspaces.id, workspace.id)).run();
    recordAudit(transaction, {
      ...auditTarget(workspace, actor, now),
      action: 'workspace.deleted',
      details: { name: workspace.name, resources },
    });
    announce(transaction, workspace, now);
  });
}

/** Of the newest state. */
export function resourceCount(database: Database | Transaction, workspaceId: string): number {
  const newest = database
    .select({ resourceCount: stateVersions.resourceCount })
    .from(stateVersions)
    .where(eq(stateVersions.workspaceId, workspaceId))
    .orderBy(desc(stateVersions.sequence))
    .limit(1)
    .get();
  return newest?.resourceCount ?? 0;
}

function refuseTakenName(
  transaction: Transaction,
  organization: string,
  name: string,
  exceptId: string | undefined,
): void {
  const taken = transaction
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(and(eq(workspaces.organization, organization), eq(workspaces.name, name)))
    .get();
  if (taken !== undefined && taken.id !== exceptId) {
    throw new GatehouseError('already_exists', `There is a workspace "${name}" in ${organization} already.`, {
      pointer: '/data/attributes/name',
    });
  }
}

function changesBetween(before: Workspace, after: Workspace, settings: Partial<WorkspaceSettings>) {
  // Object.keys forgets the key type.
  const names = Object.keys(settings) as (keyof WorkspaceSettings)[];
  return Object.fromEntries(
    names
      .filter((name) => name !== 'mfaLevel' && before[name] !== after[name])
      .map((name) => [name, { before: before[name], after: after[name] }]),
  );
}

function announce(transaction: Transaction, { id, organization, name }: Workspace, at: Date): void {
  announceSettingsChange(transaction, { organization, workspaceId: id, workspace: name }, at);
}

function auditTarget(workspace: Workspace, actor: Actor, at: Date) {
  return { organization: workspace.organization, actor, targetType: 'workspaces', targetId: workspace.id, at };
}
