import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, instant } from './columns.ts';

export const users = sqliteTable(
  'users',
  {
    id: text('id').primaryKey(),
    username: text('username').notNull(),
    /** Set by site admins only: nobody checks whose it is, and invitations go by it. */
    email: text('email').unique(),
    /** argon2id in PHC form; null for users that only have tokens. */
    passwordHash: text('password_hash'),
    /** May create organizations and read the dashboards of all. */
    isSiteAdmin: flag('is_site_admin').notNull().default(false),
    /**
     * Null: a person. Else a service account: the id of the team, or the external id of the organization, whose tokens
     * act as this user. It is a member without being listed as one.
     */
    serviceOf: text('service_of').unique(),
    createdAt: instant('created_at').notNull(),
  },
  // Teams of two organizations may have the same name, and so their service accounts.
  (table) => [uniqueIndex('users_username').on(table.username).where(sql`${table.serviceOf} is null`)],
);

export const organizations = sqliteTable('organizations', {
  /** The name is the id on the TFE API. */
  name: text('name').primaryKey(),
  externalId: text('external_id').notNull().unique(),
  email: text('email').notNull(),
  createdAt: instant('created_at').notNull(),
});

export const memberRoles = ['owner', 'member'] as const;
export type MemberRole = (typeof memberRoles)[number];

export const memberships = sqliteTable(
  'memberships',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    role: text('role', { enum: memberRoles }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('memberships_once').on(table.organization, table.userId),
    index('memberships_user').on(table.userId),
  ],
);

export const teamVisibilities = ['secret', 'organization'] as const;

/** Teams hold tokens. The team `owners` is made with its organization; its members are the owners. */
export const teams = sqliteTable(
  'teams',
  {
    id: text('id').primaryKey(),
    organization: text('organization')
      .notNull()
      .references(() => organizations.name, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** `secret`: only its members and the owners see it. */
    visibility: text('visibility', { enum: teamVisibilities }).notNull(),
    /** A label of the client's; there is no single sign-on that would read it. */
    ssoTeamId: text('sso_team_id'),
    /** Whether its members, too, make and revoke its tokens. */
    allowMemberTokenManagement: flag('allow_member_token_management').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [uniqueIndex('teams_name').on(table.organization, table.name)],
);

export const teamMembers = sqliteTable(
  'team_members',
  {
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    /** A member of the team's organization; leaving that is leaving the team. */
    membershipId: text('membership_id')
      .notNull()
      .references(() => memberships.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.teamId, table.membershipId] }),
    index('team_members_membership').on(table.membershipId),
  ],
);

export const apiTokens = sqliteTable(
  'api_tokens',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    description: text('description').notNull(),
    /** SHA-256 of the token, which is random enough to need no salt. */
    tokenHash: text('token_hash').notNull().unique(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
    /** Null: no expiry. */
    expiresAt: instant('expires_at'),
  },
  (table) => [index('api_tokens_user').on(table.userId)],
);

/** An authorization code of `terraform login` (RFC 6749 §4.1), kept a while after its use: a second use revokes its token. */
export const authorizationCodes = sqliteTable(
  'authorization_codes',
  {
    id: text('id').primaryKey(),
    /** SHA-256 of the code. */
    codeHash: text('code_hash').notNull().unique(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    clientId: text('client_id').notNull(),
    redirectUri: text('redirect_uri').notNull(),
    /** base64url(SHA-256(verifier)): the only method there is. */
    codeChallenge: text('code_challenge').notNull(),
    /** Of the token that it is exchanged for; null: it does not expire. */
    tokenLifetimeDays: integer('token_lifetime_days'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** When it was first shown, rightly or not. */
    usedAt: instant('used_at'),
    /** The token that it made. No reference: the token may be revoked. */
    tokenId: text('token_id'),
  },
  (table) => [index('authorization_codes_expiry').on(table.expiresAt)],
);

/** A sign-in of the web page: a row that can be listed and revoked. */
export const webSessions = sqliteTable(
  'web_sessions',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    tokenHash: text('token_hash').notNull().unique(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('web_sessions_user').on(table.userId)],
);

export const auditRecords = sqliteTable(
  'audit_records',
  {
    id: text('id').primaryKey(),
    /** Null for what belongs to no organization, such as a sign-in. */
    organization: text('organization'),
    at: instant('at').notNull(),
    actorId: text('actor_id'),
    /** The name at the time, kept when the user is gone. */
    actorName: text('actor_name').notNull(),
    /** `run.authenticated`, `workspace.mfa_level_changed`, … */
    action: text('action').notNull(),
    targetType: text('target_type').notNull(),
    targetId: text('target_id').notNull(),
    /** Never a secret: access key ids, levels before and after, reasons. */
    details: text('details', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index('audit_records_organization').on(table.organization, table.at)],
);
