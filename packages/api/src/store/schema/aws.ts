import { index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';
import { organizations, users } from './identity.ts';

/** A member's own AWS keys and MFA device, with which she answers challenges of one organization. */
export const awsIdentities = sqliteTable(
  'aws_identities',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    accessKeyId: text('access_key_id').notNull(),
    /** Context: `aws-identity-secret/<id>`. */
    sealedSecretAccessKey: text('sealed_secret_access_key').notNull(),
    mfaSerial: text('mfa_serial').notNull(),
    /** Who the keys are, as AWS said when they were entered. */
    arn: text('arn').notNull(),
    createdAt: instant('created_at').notNull(),
    checkedAt: instant('checked_at').notNull(),
  },
  (table) => [uniqueIndex('aws_identities_once').on(table.organization, table.userId)],
);

/** What the trust policy of a role lets the holder of these keys say about a session, as its last session showed. */
export const roleTrusts = sqliteTable(
  'role_trusts',
  {
    organization: text('organization')
      .notNull()
      .references(() => organizations.name, { onDelete: 'cascade' }),
    roleArn: text('role_arn').notNull(),
    accessKeyId: text('access_key_id').notNull(),
    tags: flag('tags').notNull(),
    sourceIdentity: flag('source_identity').notNull(),
    seenAt: instant('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organization, table.roleArn, table.accessKeyId] })],
);

export const awsCheckStates = ['waiting', 'claimed', 'finished'] as const;

/** A question to AWS that changes nothing there, which a worker asks: whether keys, device, clock and role are set up. */
export const awsChecks = sqliteTable(
  'aws_checks',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name, { onDelete: 'cascade' }),
    state: text('state', { enum: awsCheckStates }).notNull(),
    /** What is to be checked, without secrets, as JSON. */
    subject: text('subject', { mode: 'json' }).$type<unknown>().notNull(),
    /** The keys, sealed for the check; null once it is over. */
    sealedIdentity: text('sealed_identity'),
    /** What was found, as JSON; null until it is finished. */
    findings: text('findings', { mode: 'json' }).$type<unknown>(),
    requestedBy: text('requested_by').notNull(),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (table) => [index('aws_checks_created').on(table.createdAt)],
);
