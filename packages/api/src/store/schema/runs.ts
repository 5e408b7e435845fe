import { phaseOutcomes } from '@gatehouse/shared/api-status';
import type { EndReason } from '@gatehouse/shared/end-reasons';
import { acceptedIdentities, mfaLevels } from '@gatehouse/shared/mfa-level';
import { phases, type RunEvent, type RunStatus } from '@gatehouse/shared/run-status';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { users } from './identity.ts';
import { awsDeliveries, configurationVersions, workspaces } from './workspaces.ts';

export const runs = sqliteTable(
  'runs',
  {
    /** The order of the workspace's queue: ids sort only to the millisecond. */
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    organization: text('organization').notNull(),
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    configurationVersionId: text('configuration_version_id')
      .notNull()
      .references(() => configurationVersions.id),
    status: text('status').$type<RunStatus>().notNull(),
    /** Counts the changes of this row; events carry it, so that a reader can drop an older one. */
    version: integer('version').notNull().default(1),
    endReason: text('end_reason').$type<EndReason>(),
    endMessage: text('end_message'),
    message: text('message').notNull().default(''),
    /** `tfe-api`, `terraform+cloud`, `gatehouse-ui`: as the client said. */
    source: text('source').notNull().default('tfe-api'),
    isDestroy: flag('is_destroy').notNull().default(false),
    refresh: flag('refresh').notNull().default(true),
    refreshOnly: flag('refresh_only').notNull().default(false),
    /** Never waits for, and never holds, its workspace. */
    planOnly: flag('plan_only').notNull().default(false),
    /** The plan is kept until somebody decides: the run holds its workspace from then on only. */
    savePlan: flag('save_plan').notNull().default(false),
    /** The state that was current when the plan began; null: there was none, or the plan has not begun. */
    plannedStateVersionId: text('planned_state_version_id'),
    autoApply: flag('auto_apply').notNull().default(false),
    /** A plan without changes is to be decided on too, as after an upgrade of terraform, which rewrites the state. */
    allowEmptyApply: flag('allow_empty_apply').notNull().default(false),
    targetAddrs: text('target_addrs', { mode: 'json' }).$type<string[]>().notNull(),
    replaceAddrs: text('replace_addrs', { mode: 'json' }).$type<string[]>().notNull(),

    // What the workspace said when the run was created, since a run keeps it (M4).
    mfaLevel: text('mfa_level', { enum: mfaLevels }).notNull(),
    /** What the workspace asks for; once a phase has ended, what that has become. */
    terraformVersion: text('terraform_version').notNull(),
    workingDirectory: text('working_directory').notNull(),
    /** The device as it was then, to show; a code is always exchanged with the one that is set when it comes. Null: no MFA. */
    mfaSerial: text('mfa_serial'),
    roleArn: text('role_arn'),
    planSessionPolicy: text('plan_session_policy'),
    /** Managed session policies of the plan's AssumeRole; empty: none. */
    planPolicyArns: text('plan_policy_arns', { mode: 'json' }).$type<string[]>().notNull().default([]),
    sessionDurationSeconds: integer('session_duration_seconds').notNull(),
    /** The length follows from what earlier phases took; `sessionDurationSeconds` then means nothing. */
    sessionDurationAutomatic: flag('session_duration_automatic').notNull().default(false),
    roleMaxSessionSeconds: integer('role_max_session_seconds'),
    acceptedIdentities: text('accepted_identities', { enum: acceptedIdentities }).notNull().default('organization'),
    awsDelivery: text('aws_delivery', { enum: awsDeliveries }).notNull(),
    structuredOutput: flag('structured_output').notNull().default(false),
    /**
     * The effective variables, JSON array of `claimedVariable`, sealed, without the AWS keys: those are read when a
     * session is made, so that a key that is replaced while the run waits takes effect. Context: `run-variables/<id>`.
     */
    sealedVariables: text('sealed_variables').notNull(),
    /** What was given with the run alone, to show it: JSON array of {key, value}, sealed. Context: `own-variables/<id>`. */
    sealedOwnVariables: text('sealed_own_variables'),

    createdBy: text('created_by').references(() => users.id),
    /** The name at the time. */
    createdByName: text('created_by_name').notNull(),
    createdAt: instant('created_at').notNull(),
    confirmedBy: text('confirmed_by').references(() => users.id),
    cancelRequestedAt: instant('cancel_requested_at'),
    cancelRequestedBy: text('cancel_requested_by'),
    forceCanceledAt: instant('force_canceled_at'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('runs_workspace').on(table.workspaceId, table.sequence),
    index('runs_workspace_status').on(table.workspaceId, table.status, table.sequence),
    index('runs_organization').on(table.organization, table.sequence),
    index('runs_organization_status').on(table.organization, table.status, table.sequence),
    index('runs_status').on(table.status, table.sequence),
    // The operators' dashboard counts by time.
    index('runs_ended').on(table.endedAt),
    index('runs_status_ended').on(table.status, table.endedAt),
    index('runs_created').on(table.createdAt),
  ],
);

/**
 * How many runs there are of each kind, kept by triggers on `runs` (migration 0010): a list says how many it has, and a
 * workspace may have had a million. Rows of a count of 0 stay.
 */
export const runCounts = sqliteTable(
  'run_counts',
  {
    workspaceId: text('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    organization: text('organization').notNull(),
    planOnly: flag('plan_only').notNull(),
    status: text('status').$type<RunStatus>().notNull(),
    runs: integer('runs').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.planOnly, table.status, table.organization] }),
    index('run_counts_organization').on(table.organization, table.status),
  ],
);

/** The plan and the apply of a run: one row each, made with the run. */
export const runPhases = sqliteTable(
  'run_phases',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    phase: text('phase', { enum: phases }).notNull(),
    /** `plan-…` or `apply-…` on the API. */
    id: text('id').notNull().unique(),
    /** How it ended; null until then, or for ever when it never ran. */
    outcome: text('outcome', { enum: phaseOutcomes }),
    /** Set by the one claim that a worker can win. */
    claimId: text('claim_id').unique(),
    workerId: text('worker_id'),
    queuedAt: instant('queued_at'),
    startedAt: instant('started_at'),
    /** When a heartbeat last named the claim. */
    lastSeenAt: instant('last_seen_at'),
    /** The AWS session that terraform has, as the worker told it. Null: none, or none yet. */
    sessionAccessKeyId: text('session_access_key_id'),
    sessionExpiresAt: instant('session_expires_at'),
    /** When terraform is interrupted unless the session is extended. */
    sessionStopsAt: instant('session_stops_at'),
    /** When a code that extends it is to be asked for; null where none can, or once one is asked for. */
    sessionAsksAt: instant('session_asks_at'),
    sessionRevokedAt: instant('session_revoked_at'),
    /** The name at the time. */
    sessionRevokedBy: text('session_revoked_by'),
    endedAt: instant('ended_at'),
    hasChanges: flag('has_changes'),
    resourceAdditions: integer('resource_additions'),
    resourceChanges: integer('resource_changes'),
    resourceDestructions: integer('resource_destructions'),
    resourceImports: integer('resource_imports'),
    hasPlanJson: flag('has_plan_json').notNull().default(false),
    /** Null while the bytes are in Redis; then they are a blob of `logSizeBytes`. */
    logArchivedAt: instant('log_archived_at'),
    logSizeBytes: integer('log_size_bytes'),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.phase] }),
    index('run_phases_worker').on(table.workerId),
    index('run_phases_ended').on(table.endedAt),
    index('run_phases_asks').on(table.sessionAsksAt),
  ],
);

export const runHistory = sqliteTable(
  'run_history',
  {
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    /** An event of the table, or `created`. */
    event: text('event').$type<RunEvent | 'created'>().notNull(),
    fromStatus: text('from_status').$type<RunStatus>(),
    toStatus: text('to_status').$type<RunStatus>().notNull(),
    at: instant('at').notNull(),
    by: text('by').notNull(),
    reason: text('reason'),
  },
  (table) => [
    index('run_history_run').on(table.runId, table.sequence),
    index('run_history_at').on(table.at, table.fromStatus, table.toStatus),
  ],
);

/** What is to be done outside the database because of a change in it, written in the same transaction. */
export const outbox = sqliteTable(
  'outbox',
  {
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    runId: text('run_id').notNull(),
    kind: text('kind').notNull(),
    payload: text('payload', { mode: 'json' }).$type<unknown>().notNull(),
    createdAt: instant('created_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** Not before this instant: pushed back after a failure. */
    dueAt: instant('due_at').notNull(),
  },
  (table) => [index('outbox_run').on(table.runId, table.sequence)],
);
