import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { instant } from './columns.ts';
import { users } from './identity.ts';

/** Passwords and codes that were wrong, or are being judged; one that was right is struck out. Kept for hours at most. */
export const guesses = sqliteTable(
  'guesses',
  {
    /** Which guess it is, to strike it out: of a code, its exchange. */
    id: text('id').primaryKey(),
    /** Whose password, as a keyed fingerprint, since people type passwords where a name is asked for; or which device. */
    target: text('target').notNull(),
    /** Who guesses: an address or a browser, as a keyed fingerprint; or a person. */
    source: text('source').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    index('guesses_target').on(table.target, table.at),
    index('guesses_source').on(table.source, table.at),
    index('guesses_at').on(table.at),
  ],
);

/** Where a person has signed in from: a stranger's guesses at her password do not keep her out from there. */
export const knownAddresses = sqliteTable(
  'known_addresses',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** A keyed fingerprint. */
    address: text('address').notNull(),
    seenAt: instant('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.address] }), index('known_addresses_seen').on(table.seenAt)],
);
