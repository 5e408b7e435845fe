import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, count, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import type { Tag, TagFilter } from '../domain/project-rules.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { projects } from './schema/projects.ts';
import { workspaces } from './schema/workspaces.ts';
import { projectBears, replaceTags } from './tags.ts';

export type Project = typeof projects.$inferSelect;

/** Part of the making of an organization: each has one such project. */
export function insertDefaultProject(transaction: Transaction, organization: string, now: Date): void {
  const id = newId('project', now.getTime());
  const values = { id, organization, name: 'Default Project', isDefault: true, createdAt: now, updatedAt: now };
  transaction.insert(projects).values(values).run();
}

/** Where a workspace is made when nobody names another. */
export function defaultProjectId(database: Database | Transaction, organization: string): string {
  const found = database
    .select({ id: projects.id })
    .from(projects)
    .where(and(eq(projects.organization, organization), eq(projects.isDefault, true)))
    .get();
  if (found === undefined) throw new GatehouseError('internal', `${organization} has no default project.`);
  return found.id;
}

/** Throws `already_exists`. */
export async function createProject(
  database: Database,
  actor: Actor,
  input: { organization: string; name: string; description: string; tags: readonly Tag[] },
  now: Date,
): Promise<Project> {
  const { organization, name, description, tags } = input;
  const id = newId('project', now.getTime());
  const row: Project = { id, organization, name, description, isDefault: false, createdAt: now, updatedAt: now };
  return inTransaction(database, (transaction) => {
    refuseTakenName(transaction, row);
    transaction.insert(projects).values(row).run();
    audit(transaction, actor, row, 'project.created', { name }, now);
    if (tags.length > 0) replaceTags(transaction, actor, { ...row, kind: 'project' }, tags, now);
    return row;
  });
}

export function findProject(database: Database | Transaction, id: string): Project | undefined {
  return database.select().from(projects).where(eq(projects.id, id)).get();
}

export type ProjectFilter = {
  /** Whole names. */
  names?: readonly string[] | undefined;
  /** Part of the name, whatever its case. */
  search?: string | undefined;
  /** Bears all of them. */
  tagged?: readonly TagFilter[];
};

/** By name. */
export async function listProjects(
  database: Database,
  organization: string,
  filter: ProjectFilter,
  page: { limit: number; offset: number },
): Promise<{ projects: Project[]; totalCount: number }> {
  const conditions: (SQL | undefined)[] = [eq(projects.organization, organization)];
  if (filter.names !== undefined) conditions.push(inArray(projects.name, [...filter.names]));
  if (filter.search) conditions.push(sql`instr(lower(${projects.name}), ${filter.search.toLowerCase()}) > 0`);
  for (const tag of filter.tagged ?? []) conditions.push(projectBears(tag));
  const where = and(...conditions);
  const [total] = database.select({ count: count() }).from(projects).where(where).all();
  const rows = database
    .select()
    .from(projects)
    .where(where)
    .orderBy(projects.name)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { projects: rows, totalCount: total?.count ?? 0 };
}

/** `tags` given: all that it bears afterwards. Throws `already_exists`. */
export async function changeProject(
  database: Database,
  actor: Actor,
  before: Project,
  changes: { name?: string; description?: string; tags?: readonly Tag[] },
  now: Date,
): Promise<Project> {
  const { tags, ...columns } = changes;
  return inTransaction(database, (transaction) => {
    const after = { ...before, ...columns, updatedAt: now };
    if (after.name !== before.name) refuseTakenName(transaction, after);
    transaction
      .update(projects)
      .set({ ...columns, updatedAt: now })
      .where(eq(projects.id, before.id))
      .run();
    audit(transaction, actor, after, 'project.changed', { before: before.name, ...columns }, now);
    if (tags !== undefined) replaceTags(transaction, actor, { ...after, kind: 'project' }, tags, now);
    return after;
  });
}

/** Throws `conflict` for the default project, and for one that has workspaces. */
export async function deleteProject(database: Database, actor: Actor, project: Project, now: Date): Promise<void> {
  inTransaction(database, (transaction) => {
    if (project.isDefault) {
      throw new GatehouseError(
        'conflict',
        `${project.name} is where workspaces are made that name no project. It is not deleted.`,
      );
    }
    const held = workspaceCount(transaction, project.id);
    if (held > 0) {
      const what = held === 1 ? 'a workspace' : `${held} workspaces`;
      throw new GatehouseError('conflict', `The project ${project.name} has ${what}. Move or delete them first.`);
    }
    transaction.delete(projects).where(eq(projects.id, project.id)).run();
    audit(transaction, actor, project, 'project.deleted', { name: project.name }, now);
  });
}

export function workspaceCount(database: Database | Transaction, projectId: string): number {
  const where = eq(workspaces.projectId, projectId);
  return database.select({ count: count() }).from(workspaces).where(where).get()?.count ?? 0;
}

function refuseTakenName(transaction: Transaction, { id, organization, name }: Project): void {
  const taken = transaction
    .select({ id: projects.id })
    .from(projects)
    .where(and(eq(projects.organization, organization), eq(projects.name, name)))
    .get();
  if (taken === undefined || taken.id === id) return;
  throw new GatehouseError('already_exists', `There is a project "${name}" in ${organization} already.`, {
    pointer: '/data/attributes/name',
  });
}

/** There is no change of a project without its record, nor without its announcement. */
function audit(
  transaction: Transaction,
  actor: Actor,
  { organization, id }: Project,
  action: string,
  details: Record<string, unknown>,
  at: Date,
): void {
  recordAudit(transaction, { organization, actor, action, targetType: 'projects', targetId: id, details, at });
  announceSettingsChange(transaction, { organization, workspaceId: null, workspace: null }, at);
}
