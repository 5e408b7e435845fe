import { mfaLevels } from '@gatehouse/shared/mfa-level';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { organizations, users } from './identity.ts';

export const awsDeliveries = ['endpoint', 'environment'] as const;
export const executionModes = ['remote', 'local'] as const;

export const workspaces = sqliteTable(
  'workspaces',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    mfaLevel: text('mfa_level', { enum: mfaLevels }).notNull().default('never'),
    autoApply: flag('auto_apply').notNull().default(false),
    executionMode: text('execution_mode', { enum: executionModes }).notNull().default('remote'),
    /** Exact version, or `latest`: what the worker has. */
    terraformVersion: text('terraform_version').notNull().default('latest'),
    workingDirectory: text('working_directory').notNull().default(''),
    /** Null: sessions are made by GetSessionToken. */
    roleArn: text('role_arn'),
    /** Inline session policy (JSON) for the plan's AssumeRole; null: none. */
    planSessionPolicy: text('plan_session_policy'),
    sessionDurationSeconds: integer('session_duration_seconds').notNull().default(3600),
    awsDelivery: text('aws_delivery', { enum: awsDeliveries }).notNull().default('endpoint'),
    lockedBy: text('locked_by').references(() => users.id),
    lockReason: text('lock_reason'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [uniqueIndex('workspaces_name').on(table.organization, table.name)],
);

export const configurationStatuses = ['pending', 'uploaded', 'errored', 'archived'] as const;

export const configurationVersions = sqliteTable(
  'configuration_versions',
  {
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    status: text('status', { enum: configurationStatuses }).notNull().default('pending'),
    errorMessage: text('error_message'),
    speculative: flag('speculative').notNull().default(false),
    autoQueueRuns: flag('auto_queue_runs').notNull().default(false),
    provisional: flag('provisional').notNull().default(false),
    sizeBytes: integer('size_bytes'),
    createdBy: text('created_by').references(() => users.id),
    createdAt: instant('created_at').notNull(),
    uploadedAt: instant('uploaded_at'),
  },
  (table) => [index('configuration_versions_workspace').on(table.workspaceId, table.id)],
);

export const stateVersions = sqliteTable(
  'state_versions',
  {
    /** Ascending in the order of arrival; the newest is the current state. */
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    /** Null: uploaded by a person. */
    runId: text('run_id'),
    createdBy: text('created_by').references(() => users.id),
    serial: integer('serial').notNull(),
    lineage: text('lineage').notNull(),
    md5: text('md5').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    terraformVersion: text('terraform_version').notNull(),
    resourceCount: integer('resource_count').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('state_versions_workspace').on(table.workspaceId, table.sequence),
    index('state_versions_run').on(table.runId),
  ],
);

export const stateVersionOutputs = sqliteTable(
  'state_version_outputs',
  {
    id: text('id').primaryKey(),
    stateVersionId: text('state_version_id')
      .notNull()
      .references(() => stateVersions.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** cty type as terraform writes it, JSON. */
    detailedType: text('detailed_type', { mode: 'json' }).$type<unknown>().notNull(),
    sensitive: flag('sensitive').notNull(),
    /** JSON, sealed. Context: `state-output/<id>`. */
    sealedValue: text('sealed_value').notNull(),
  },
  (table) => [index('state_version_outputs_version').on(table.stateVersionId)],
);
