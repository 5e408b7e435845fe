import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';

export const workers = sqliteTable('workers', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  version: text('version').notNull(),
  concurrency: integer('concurrency').notNull(),
  sandbox: text('sandbox', { enum: ['bubblewrap', 'none'] }).notNull(),
  /** What the worker said last: it takes no new phase. */
  draining: flag('draining').notNull(),
  /** Who asked it to take no new phase; null: nobody did. Told with the answer to its next heartbeat. */
  drainRequestedBy: text('drain_requested_by'),
  drainRequestedAt: instant('drain_requested_at'),
  firstSeenAt: instant('first_seen_at').notNull(),
  lastSeenAt: instant('last_seen_at').notNull(),
});

/** What an operator can stop: new phases, or codes. */
export const lanes = ['runs', 'gate'] as const;
export type PausableLane = (typeof lanes)[number];

/** Lanes that stand still, and because of whom. Redis is made to agree with it. */
export const lanePauses = sqliteTable('lane_pauses', {
  lane: text('lane', { enum: lanes }).primaryKey(),
  by: text('by').notNull(),
  at: instant('at').notNull(),
});
