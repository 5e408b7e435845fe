import type { RunStatus } from '@gatehouse/shared/run-status';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { NotificationTrigger } from '../../domain/notification-events.ts';
import { flag, instant } from './columns.ts';
import { runs } from './runs.ts';
import { workspaces } from './workspaces.ts';

/** Where notifications can go, by the words of the TFE API. */
export const destinationTypes = ['generic', 'slack'] as const;
export type DestinationType = (typeof destinationTypes)[number];

/** Who is told of a workspace's runs. */
export const notificationConfigurations = sqliteTable(
  'notification_configurations',
  {
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    organization: text('organization').notNull(),
    name: text('name').notNull(),
    destinationType: text('destination_type', { enum: destinationTypes }).notNull(),
    enabled: flag('enabled').notNull(),
    triggers: text('triggers', { mode: 'json' }).$type<NotificationTrigger[]>().notNull(),
    /** An address may hold a right of access, as Slack's do. Context: `notification-url/<id>`. */
    sealedUrl: text('sealed_url').notNull(),
    /** What notifications are signed with; null: they are not. Context: `notification-token/<id>`. */
    sealedToken: text('sealed_token'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('notification_configurations_workspace').on(table.workspaceId)],
);

/** What is still to be told to whom: an outbox of its own, so that a slow receiver holds up nothing else. */
export const notificationDeliveries = sqliteTable(
  'notification_deliveries',
  {
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    /** Goes with every try, so that a receiver knows one that comes twice. */
    id: text('id').notNull().unique(),
    configurationId: text('configuration_id')
      .notNull()
      .references(() => notificationConfigurations.id, { onDelete: 'cascade' }),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    trigger: text('trigger').$type<NotificationTrigger>().notNull(),
    /** What the run came to, when, and whose doing it was; null: nobody's. */
    status: text('status').$type<RunStatus>().notNull(),
    at: instant('at').notNull(),
    by: text('by'),
    attempts: integer('attempts').notNull().default(0),
    /** Not before this instant: pushed on by each try, so that two processes do not make the same one. */
    dueAt: instant('due_at').notNull(),
  },
  (table) => [index('notification_deliveries_due').on(table.configurationId, table.dueAt)],
);

/** What receivers answered last. */
export const notificationResponses = sqliteTable(
  'notification_responses',
  {
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    configurationId: text('configuration_id')
      .notNull()
      .references(() => notificationConfigurations.id, { onDelete: 'cascade' }),
    /** HTTP status; null: there was no answer. */
    code: integer('code'),
    successful: flag('successful').notNull(),
    sentAt: instant('sent_at').notNull(),
    /** JSON of headers and the beginning of the body: a stranger's words. Context: `notification-response/<configuration>`. */
    sealedAnswer: text('sealed_answer').notNull(),
  },
  (table) => [index('notification_responses_configuration').on(table.configurationId, table.sequence)],
);
