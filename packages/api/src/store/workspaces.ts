import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, desc, eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import type { Tag } from '../domain/project-rules.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { refuseOtherMode } from './open-runs.ts';
import { announceSettingsChange } from './outbox.ts';
import { given, prepared } from './prepared.ts';
import { defaultProjectId, findProject } from './projects.ts';
import { stateVersions, workspaces } from './schema/workspaces.ts';
import { putTags, replaceTags } from './tags.ts';

export type Workspace = typeof workspaces.$inferSelect;

/** What a person sets; the rest is Gatehouse's. */
export type WorkspaceSettings = Pick<
  Workspace,
  | 'name'
  | 'description'
  | 'mfaLevel'
  | 'autoApply'
  | 'allowDestroyPlan'
  | 'executionMode'
  | 'terraformVersion'
  | 'workingDirectory'
  | 'roleArn'
  | 'roleMaxSessionSeconds'
  | 'planSessionPolicy'
  | 'planPolicyArns'
  | 'sessionDurationSeconds'
  | 'sessionDurationAutomatic'
  | 'acceptedIdentities'
  | 'awsDelivery'
  | 'structuredOutput'
>;

export const newWorkspaceSettings: Omit<WorkspaceSettings, 'name'> = {
  description: '',
  // Off by default (M1).
  mfaLevel: 'never',
  autoApply: false,
  allowDestroyPlan: true,
  executionMode: 'remote',
  terraformVersion: 'latest',
  workingDirectory: '',
  roleArn: null,
  roleMaxSessionSeconds: null,
  planSessionPolicy: null,
  planPolicyArns: null,
  // AWS's default for AssumeRole, and the most that role chaining allows.
  sessionDurationSeconds: 3600,
  sessionDurationAutomatic: true,
  // The feature's original knows the organization's device only; whoever opens it to members' own decides so.
  acceptedIdentities: 'organization',
  awsDelivery: 'endpoint',
  structuredOutput: false,
};

export type NewWorkspace = {
  organization: string;
  settings: WorkspaceSettings;
  /** Undefined: the organization's default project. */
  projectId?: string | undefined;
  tags?: readonly Tag[];
  /** What the client that makes it calls itself. */
  sourceName?: string | undefined;
  sourceUrl?: string | undefined;
};

/** Throws `already_exists`. */
export async function createWorkspace(
  database: Database,
  actor: Actor,
  input: NewWorkspace,
  now: Date,
): Promise<Workspace> {
  return inTransaction(database, (transaction) => {
    const row: Workspace = {
      ...input.settings,
      id: newId('workspace', now.getTime()),
      organization: input.organization,
      projectId: input.projectId ?? defaultProjectId(transaction, input.organization),
      lockedBy: null,
      lockReason: null,
      source: actor.via === 'session' ? 'tfe-ui' : 'tfe-api',
      sourceName: input.sourceName ?? null,
      sourceUrl: input.sourceUrl ?? null,
      createdAt: now,
      updatedAt: now,
    };
    refuseTakenName(transaction, input.organization, row.name, undefined);
    refuseLostProject(transaction, row.projectId);
    transaction.insert(workspaces).values(row).run();
    recordAudit(transaction, {
      ...workspaceTarget(row, actor, now),
      action: 'workspace.created',
      details: { name: row.name, mfaLevel: row.mfaLevel },
    });
    if (input.tags?.length) putTags(transaction, actor, { ...row, kind: 'workspace' }, input.tags, now);
    announceWorkspace(transaction, row, now);
    return row;
  });
}

const byId = prepared((database) =>
  database
    .select()
    .from(workspaces)
    .where(eq(workspaces.id, given('id', workspaces.id)))
    .prepare(),
);

export async function findWorkspace(database: Database, id: string): Promise<Workspace | undefined> {
  return byId(database).get({ id });
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

export type WorkspaceChanges = Partial<WorkspaceSettings> & { projectId?: string };

/**
 * Audits each changed setting with its value before and after; a new MFA level under an action of its own (M1). `tags`
 * given: all that it bears afterwards.
 */
export async function changeWorkspace(
  database: Database,
  actor: Actor,
  before: Workspace,
  settings: WorkspaceChanges,
  now: Date,
  tags?: readonly Tag[],
): Promise<Workspace> {
  return inTransaction(database, (transaction) => {
    const after: Workspace = { ...before, ...settings, updatedAt: now };
    if (after.executionMode !== before.executionMode) refuseOtherMode(transaction, before);
    if (after.name !== before.name) refuseTakenName(transaction, before.organization, after.name, before.id);
    refuseLostProject(transaction, after.projectId);
    transaction
      .update(workspaces)
      .set({ ...settings, updatedAt: now })
      .where(eq(workspaces.id, before.id))
      .run();
    const target = workspaceTarget(after, actor, now);
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
    if (tags !== undefined) replaceTags(transaction, actor, { ...after, kind: 'workspace' }, tags, now);
    announceWorkspace(transaction, after, now);
    return after;
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

/** One that was deleted just now. */
function refuseLostProject(transaction: Transaction, id: string): void {
  if (findProject(transaction, id) !== undefined) return;
  throw new GatehouseError('not_found', `There is no project ${id} any more.`);
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

function changesBetween(before: Workspace, after: Workspace, settings: WorkspaceChanges) {
  // Object.keys forgets the key type.
  const names = Object.keys(settings) as (keyof WorkspaceChanges)[];
  return Object.fromEntries(
    names
      .filter((name) => name !== 'mfaLevel' && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, { before: before[name], after: after[name] }]),
  );
}

/** Part of each change of a workspace. */
export function announceWorkspace(transaction: Transaction, { id, organization, name }: Workspace, at: Date): void {
  announceSettingsChange(transaction, { organization, workspaceId: id, workspace: name }, at);
}

export function workspaceTarget(workspace: Workspace, actor: Actor, at: Date) {
  return { organization: workspace.organization, actor, targetType: 'workspaces', targetId: workspace.id, at };
}
