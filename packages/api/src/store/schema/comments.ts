import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { instant } from './columns.ts';
import { users } from './identity.ts';
import { runs } from './runs.ts';

/** What people say about a run. */
export const comments = sqliteTable(
  'comments',
  {
    /** The order in which they were said: ids sort only to the millisecond. */
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    /** The line of history of the decision that it was given with; null: it was said by itself. */
    historySequence: integer('history_sequence'),
    body: text('body').notNull(),
    createdBy: text('created_by').references(() => users.id),
    /** The name at the time. */
    createdByName: text('created_by_name').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('comments_run').on(table.runId, table.sequence)],
);
