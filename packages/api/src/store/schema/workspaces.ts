import { acceptedIdentities, mfaLevels } from '@gatehouse/shared/mfa-level';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { StateResource } from '../../domain/state-resources.ts';
import { flag, instant } from './columns.ts';
import { organizations, users } from './identity.ts';

export const awsDeliveries = ['endpoint', 'environment'] as const;
export const executionModes = ['remote', 'local'] as const;
export const workspaceSources = ['tfe-api', 'tfe-ui'] as const;

export const workspaces = sqliteTable(
  'workspaces',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name),
    /**
     * Always one of the organization's. No reference, since SQLite adds none to a table with rows; a project that has
     * workspaces is not deleted. The default never stays: the migration that added the column filled it.
     */
    projectId: text('project_id').notNull().default(''),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    mfaLevel: text('mfa_level', { enum: mfaLevels }).notNull().default('never'),
    autoApply: flag('auto_apply').notNull().default(false),
    /** False: destroy runs are refused. */
    allowDestroyPlan: flag('allow_destroy_plan').notNull().default(true),
    executionMode: text('execution_mode', { enum: executionModes }).notNull().default('remote'),
    /** Exact version, or `latest`: what the worker has. */
    terraformVersion: text('terraform_version').notNull().default('latest'),
    workingDirectory: text('working_directory').notNull().default(''),
    /** Null: sessions are made by GetSessionToken. */
    roleArn: text('role_arn'),
    /** Longest session that the role allows (IAM: MaxSessionDuration); null: not told, so AWS's default of an hour. */
    roleMaxSessionSeconds: integer('role_max_session_seconds'),
    /** Inline session policy (JSON) for the plan's AssumeRole; null: none. */
    planSessionPolicy: text('plan_session_policy'),
    /** Managed session policies for the plan's AssumeRole; null: the default, read-only. */
    planPolicyArns: text('plan_policy_arns', { mode: 'json' }).$type<string[]>(),
    sessionDurationSeconds: integer('session_duration_seconds').notNull().default(3600),
    /** The length follows from what earlier phases took; `sessionDurationSeconds` then means nothing. */
    sessionDurationAutomatic: flag('session_duration_automatic').notNull().default(true),
    acceptedIdentities: text('accepted_identities', { enum: acceptedIdentities }).notNull().default('organization'),
    awsDelivery: text('aws_delivery', { enum: awsDeliveries }).notNull().default('endpoint'),
    /** Runs log terraform's JSON lines, from which the terraform CLI draws its own output. */
    structuredOutput: flag('structured_output').notNull().default(false),
    lockedBy: text('locked_by').references(() => users.id),
    lockReason: text('lock_reason'),
    /** Where it was made, and what the client called itself. */
    source: text('source', { enum: workspaceSources }).notNull().default('tfe-api'),
    sourceName: text('source_name'),
    sourceUrl: text('source_url'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('workspaces_name').on(table.organization, table.name),
    index('workspaces_project').on(table.projectId),
  ],
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
    /** Its bytes are gone since then. */
    archivedAt: instant('archived_at'),
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
    /** The run that wrote it; of a person's, the run that she named with it. */
    runId: text('run_id'),
    /** Null: written by a run. */
    createdBy: text('created_by').references(() => users.id),
    serial: integer('serial').notNull(),
    lineage: text('lineage').notNull(),
    md5: text('md5').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    terraformVersion: text('terraform_version').notNull(),
    resourceCount: integer('resource_count').notNull(),
    /** What is in it, without values; null in versions older than this column. */
    resources: text('resources', { mode: 'json' }).$type<StateResource[]>(),
    /** A snapshot of an apply that goes on. */
    intermediate: flag('intermediate').notNull().default(false),
    /** Its JSON representation lies beside it. */
    hasJson: flag('has_json').notNull().default(false),
    /** The older version whose content it brought back. */
    rollbackOf: text('rollback_of'),
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
