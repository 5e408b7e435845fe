import { sql } from 'drizzle-orm';
import { index, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { organizations } from './identity.ts';
import { workspaces } from './workspaces.ts';

/** Where workspaces belong: each to one. */
export const projects = sqliteTable(
  'projects',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** The one where a workspace is made when nobody names another. */
    isDefault: flag('is_default').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('projects_name').on(table.organization, table.name),
    uniqueIndex('projects_default').on(table.organization).where(sql`${table.isDefault} = 1`),
  ],
);

/** A word of the organization, known by an id so that clients can name it. Stays when nothing bears it any more. */
export const tags = sqliteTable(
  'tags',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name, { onDelete: 'cascade' }),
    name: text('name').notNull(),
  },
  (table) => [uniqueIndex('tags_name').on(table.organization, table.name)],
);

/** A tag that a workspace or a project bears, with a value or without. */
export const tagBindings = sqliteTable(
  'tag_bindings',
  {
    id: text('id').primaryKey(),
    tagId: text('tag_id')
      .notNull()
      .references(() => tags.id, { onDelete: 'cascade' }),
    /** One of the two is set. */
    workspaceId: text('workspace_id').references(() => workspaces.id, { onDelete: 'cascade' }),
    projectId: text('project_id').references(() => projects.id, { onDelete: 'cascade' }),
    /** Empty: the tag is a word alone. */
    value: text('value').notNull().default(''),
  },
  (table) => [
    uniqueIndex('tag_bindings_workspace').on(table.workspaceId, table.tagId),
    uniqueIndex('tag_bindings_project').on(table.projectId, table.tagId),
    index('tag_bindings_tag').on(table.tagId),
  ],
);
