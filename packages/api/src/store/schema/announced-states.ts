import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { users } from './identity.ts';
import { workspaces } from './workspaces.ts';

export const announcedStateStatuses = ['pending', 'finalized', 'discarded'] as const;

/**
 * State versions of uploads in two steps whose state has not come yet, apart from those that exist: nothing that asks
 * for the current state can take one for it. A row goes when its state is there; what is left over is swept.
 */
export const announcedStates = sqliteTable(
  'announced_states',
  {
    /** That of the state version which it becomes. */
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    /** `finalized` only where the state was the current one already: see `sameAs`. */
    status: text('status', { enum: announcedStateStatuses }).notNull().default('pending'),
    /** Why it was discarded. */
    errorMessage: text('error_message'),
    /** The state version that the same bytes were already. */
    sameAs: text('same_as'),
    createdBy: text('created_by')
      .notNull()
      .references(() => users.id),
    runId: text('run_id'),
    serial: integer('serial').notNull(),
    md5: text('md5').notNull(),
    /** Null: nothing was said of it. */
    lineage: text('lineage'),
    force: flag('force').notNull(),
    intermediate: flag('intermediate').notNull(),
    hasJson: flag('has_json').notNull().default(false),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('announced_states_workspace').on(table.workspaceId, table.createdAt)],
);
