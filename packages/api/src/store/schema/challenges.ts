import type { MfaRejection } from '@gatehouse/shared/error-codes';
import { phases } from '@gatehouse/shared/run-status';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { users } from './identity.ts';
import { runs } from './runs.ts';

export const challengeStates = ['awaiting', 'exchanging', 'authenticated', 'given_up', 'withdrawn'] as const;
export type ChallengeState = (typeof challengeStates)[number];

/** One wait of one phase of one run for a code: before it may start, or, while it runs, for a longer session. */
export const challenges = sqliteTable(
  'challenges',
  {
    id: text('id').primaryKey(),
    organization: text('organization').notNull(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    phase: text('phase', { enum: phases }).notNull(),
    /** 0: the code lets the phase start. n: it extends the session of the running phase, for the nth time. */
    extension: integer('extension').notNull().default(0),
    state: text('state', { enum: challengeStates }).notNull(),
    /** Null while nobody decided on a finished plan: reading it takes as long as it takes. */
    deadlineAt: instant('deadline_at'),
    /** When the log says again that a code is awaited; null while nobody has decided, and when nothing more is said. */
    remindAt: instant('remind_at'),
    /** Of the organization's device, or, once a code was submitted, of the one that showed it; empty: members' own only. */
    mfaSerial: text('mfa_serial').notNull(),
    /** The identity whose device showed the code in exchange, or accepted; null: the organization's. */
    awsIdentityId: text('aws_identity_id'),
    /**
     * The number of the try that is awaited or in exchange: its gate job, its code's key and its reports bear it. It
     * rises as a try ends, so that whatever comes late from an earlier one matches nothing.
     */
    attempt: integer('attempt').notNull().default(0),
    triesLeft: integer('tries_left').notNull(),
    /** The leader of the batch that this challenge is exchanged with (itself, alone), as a gate job id. */
    exchangeId: text('exchange_id'),
    exchangeStartedAt: instant('exchange_started_at'),
    /** Set when a worker claimed the exchange: the code is on its way to AWS. */
    exchangeClaimedAt: instant('exchange_claimed_at'),
    /** Keyed fingerprint of the code in exchange, to know it again when AWS has accepted it. */
    codeFingerprint: text('code_fingerprint'),
    submittedBy: text('submitted_by').references(() => users.id),
    submittedByName: text('submitted_by_name'),
    lastError: text('last_error').$type<MfaRejection>(),
    lastErrorAt: instant('last_error_at'),
    awsMessage: text('aws_message'),
    awsRequestId: text('aws_request_id'),
    authenticatedBy: text('authenticated_by').references(() => users.id),
    authenticatedByName: text('authenticated_by_name'),
    authenticatedAt: instant('authenticated_at'),
    sessionAccessKeyId: text('session_access_key_id'),
    sessionExpiresAt: instant('session_expires_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('challenges_phase').on(table.runId, table.phase, table.extension),
    index('challenges_open').on(table.state, table.deadlineAt),
    index('challenges_organization').on(table.organization, table.state),
    index('challenges_exchange').on(table.exchangeId),
    index('challenges_authenticated').on(table.authenticatedAt),
  ],
);

/** What the api has to tell a running phase: the worker fetches it with its heartbeat. */
export const phaseNotes = sqliteTable(
  'phase_notes',
  {
    sequence: integer('sequence').primaryKey({ autoIncrement: true }),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    phase: text('phase', { enum: phases }).notNull(),
    lines: text('lines', { mode: 'json' }).$type<string[]>().notNull(),
    /** A newer session lies in Redis. */
    isExtended: flag('is_extended').notNull().default(false),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('phase_notes_phase').on(table.runId, table.phase, table.sequence)],
);

/** Codes that AWS accepted, by device, as keyed fingerprints; pruned after minutes. */
export const spentCodes = sqliteTable(
  'spent_codes',
  {
    mfaSerial: text('mfa_serial').notNull(),
    fingerprint: text('fingerprint').notNull(),
    spentAt: instant('spent_at').notNull(),
    spentByName: text('spent_by_name').notNull(),
    runId: text('run_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.mfaSerial, table.fingerprint] })],
);
