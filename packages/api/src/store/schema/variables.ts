import { sql } from 'drizzle-orm';
import { index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { organizations, users } from './identity.ts';
import { workspaces } from './workspaces.ts';

/** Variables under one name, for all workspaces of an organization or for some. */
export const variableSets = sqliteTable(
  'variable_sets',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name),
    /** Decides between sets of one level, in lexical order. */
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** Holds in every workspace, also in those that are yet to be made; then it has no workspaces of its own. */
    global: flag('global').notNull().default(false),
    /** Wins over everything else, also over a workspace's own variables. */
    priority: flag('priority').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [uniqueIndex('variable_sets_name').on(table.organization, table.name)],
);

/** Where a set that is not global holds. */
export const variableSetWorkspaces = sqliteTable(
  'variable_set_workspaces',
  {
    variableSetId: text('variable_set_id')
      .notNull()
      .references(() => variableSets.id, { onDelete: 'cascade' }),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.variableSetId, table.workspaceId] }),
    index('variable_set_workspaces_workspace').on(table.workspaceId),
  ],
);

export const variableCategories = ['env', 'terraform'] as const;

/** A variable of a workspace, of a variable set, or, where both are null, of the whole organization. */
export const variables = sqliteTable(
  'variables',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name),
    workspaceId: text('workspace_id').references(() => workspaces.id, { onDelete: 'cascade' }),
    // No cascade: drizzle-kit leaves it out of a column that is added. store/variable-sets.ts deletes them.
    variableSetId: text('variable_set_id').references(() => variableSets.id),
    key: text('key').notNull(),
    category: text('category', { enum: variableCategories }).notNull(),
    /** Every value is sealed, sensitive or not. Context: `variable/<id>`. */
    sealedValue: text('sealed_value').notNull(),
    /** Write-only: the value never leaves but to a run. */
    sensitive: flag('sensitive').notNull().default(false),
    hcl: flag('hcl').notNull().default(false),
    description: text('description').notNull().default(''),
    updatedBy: text('updated_by').references(() => users.id),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    // One for each kind of owner, since nulls are all different to SQLite. No expression index: drizzle-kit cuts one at its commas.
    uniqueIndex('variables_once_in_workspace').on(table.workspaceId, table.category, table.key),
    uniqueIndex('variables_once_in_set').on(table.variableSetId, table.category, table.key),
    uniqueIndex('variables_once_in_organization')
      .on(table.organization, table.category, table.key)
      .where(sql`${table.workspaceId} is null and ${table.variableSetId} is null`),
  ],
);
