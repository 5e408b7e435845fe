import { sql } from 'drizzle-orm';
import { type Database, inTransaction } from './database.ts';

/** Throws when the database cannot be written: a full disk, a lost volume. `user_version` is ours to use for nothing else. */
export async function checkDatabase(database: Database, now: Date): Promise<void> {
  inTransaction(database, (transaction) => {
    // SQLite keeps 32 bits of it.
    transaction.run(sql.raw(`pragma user_version = ${Math.trunc(now.getTime() / 1000) % 2 ** 31}`));
    transaction.get(sql`select 1 from sqlite_schema limit 1`);
  });
}
