import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';

export type Database = BetterSQLite3Database;
/** A transaction is used like the database; store functions that take part in one accept either. */
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** The folder of migrations stands beside `src` and beside `dist` alike. */
const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url));

/**
 * Opens the one database, making it and bringing it up to date first. `file` may be `:memory:`. Only the api opens it:
 * SQLite has one writer, and every rule that must hold is a guarded write in it.
 */
export function openDatabase(file: string, { mustExist = false } = {}): { database: Database; close(): void } {
  if (file !== ':memory:' && !mustExist) mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const sqlite = new SqliteDatabase(file, { fileMustExist: mustExist });
  sqlite.pragma('journal_mode = WAL');
  // With WAL, NORMAL keeps every commit through a crash of the process; a crash of the host may lose the last ones, whole.
  sqlite.pragma('synchronous = NORMAL');
  sqlite.pragma('foreign_keys = ON');
  // Nothing else happens in this process while it waits for another's lock: workers ask again, and so may people.
  sqlite.pragma('busy_timeout = 1000');
  const database = drizzle(sqlite);
  migrate(database, { migrationsFolder });
  return { database, close: () => sqlite.close() };
}

/** Writes take the lock at once (`BEGIN IMMEDIATE`): a read that turns into a write could otherwise fail as busy. */
export function inTransaction<Result>(database: Database, work: (transaction: Transaction) => Result): Result {
  return database.transaction(work, { behavior: 'immediate' });
}
