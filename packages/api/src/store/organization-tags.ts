import { and, count, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { tagBindings, tags } from './schema/projects.ts';

export type OrganizationTag = typeof tags.$inferSelect & {
  /** Workspaces that bear it themselves. */
  instanceCount: number;
};

/** Those that something bears, by name. `exceptOf`: the id of a workspace, a project or a tag. */
export async function listOrganizationTags(
  database: Database,
  organization: string,
  filter: { search?: string | undefined; exceptOf?: string | undefined },
  page: { limit: number; offset: number },
): Promise<{ tags: OrganizationTag[]; totalCount: number }> {
  const conditions: SQL[] = [
    eq(tags.organization, organization),
    sql`exists (select 1 from tag_bindings b where b.tag_id = ${tags.id})`,
  ];
  if (filter.search) conditions.push(sql`instr(lower(${tags.name}), ${filter.search.toLowerCase()}) > 0`);
  if (filter.exceptOf !== undefined) {
    const { exceptOf } = filter;
    conditions.push(
      ne(tags.id, exceptOf),
      sql`not exists (select 1 from tag_bindings b where b.tag_id = ${tags.id} and ${exceptOf} in (b.workspace_id, b.project_id))`,
    );
  }
  const where = and(...conditions);
  const [total] = database.select({ count: count() }).from(tags).where(where).all();
  const rows = database
    .select({
      id: tags.id,
      organization: tags.organization,
      name: tags.name,
      instanceCount: count(tagBindings.workspaceId),
    })
    .from(tags)
    .innerJoin(tagBindings, eq(tagBindings.tagId, tags.id))
    .where(where)
    .groupBy(tags.id)
    .orderBy(tags.name)
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { tags: rows, totalCount: total?.count ?? 0 };
}

export function findTag(database: Database, id: string): typeof tags.$inferSelect | undefined {
  return database.select().from(tags).where(eq(tags.id, id)).get();
}

/** Takes tags away from everything that bears them. Ids that are not of the organization are no error. */
export async function deleteOrganizationTags(
  database: Database,
  actor: Actor,
  organization: string,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const gone = transaction
      .delete(tags)
      .where(and(eq(tags.organization, organization), inArray(tags.id, [...ids])))
      .returning()
      .all();
    for (const { id, name } of gone) {
      const target = { organization, targetType: 'tags', targetId: id };
      recordAudit(transaction, { ...target, actor, action: 'tag.deleted', details: { name }, at: now });
    }
    announceSettingsChange(transaction, { organization, workspaceId: null, workspace: null }, now);
  });
}
