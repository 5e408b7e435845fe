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
  keepStatements(sqlite);
  const database = drizzle(sqlite);
  migrate(database, { migrationsFolder });
  return { database, close: () => sqlite.close() };
}

/** Writes take the lock at once (`BEGIN IMMEDIATE`): a read that turns into a write could otherwise fail as busy. */
export function inTransaction<Result>(database: Database, work: (transaction: Transaction) => Result): Result {
  return database.transaction(
    (transaction) => {
      databases.set(transaction, connectionOf(database));
      return work(transaction);
    },
    { behavior: 'immediate' },
  );
}

/** Many reads of one moment. By itself each statement takes and gives back a snapshot, which costs as much as a short one. */
export function inSnapshot<Result>(database: Database, read: () => Result): Result {
  return database.transaction(read, { behavior: 'deferred' });
}

const databases = new WeakMap<object, Database>();

/** The database that a transaction is of; a database itself. */
export function connectionOf(on: Database | Transaction): Database {
  // What no transaction was begun as is a database.
  return databases.get(on) ?? (on as Database);
}

/** Many times what one request uses, and a few MB. */
const keptStatements = 500;

/**
 * Compiling a statement takes longer than most of them run, so those used last are kept. Each is used up before the next
 * is asked for, as drizzle does: one that is kept in iteration would be found busy.
 */
function keepStatements(sqlite: SqliteDatabase.Database): void {
  const kept = new Map<string, SqliteDatabase.Statement>();
  const compile = sqlite.prepare.bind(sqlite);
  const prepare = (text: string) => {
    const statement = kept.get(text) ?? compile(text);
    kept.delete(text);
    kept.set(text, statement);
    const [oldest] = kept.size > keptStatements ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    // Whoever used it last may have asked for rows without names.
    return statement.reader ? statement.raw(false) : statement;
  };
  // The same function, but for the types that its callers may claim of parameters and rows.
  sqlite.prepare = prepare as typeof sqlite.prepare;
}
