import SqliteDatabase from 'better-sqlite3';

/**
 * A copy of the database as it is at one moment, while the api goes on writing. `VACUUM INTO` reads in one transaction;
 * SQLite's backup API would begin again at each write of another process, and might never end.
 */
export function copyDatabase(from: string, to: string): void {
  const sqlite = new SqliteDatabase(from, { readonly: true, fileMustExist: true });
  try {
    sqlite.prepare('vacuum into ?').run(to);
  } finally {
    sqlite.close();
  }
}

/** One sealed value of each kind that every installation soon has, and what it is of. */
export function sampleSealed(file: string): { table: 'runs' | 'variables'; id: string; sealed: string }[] {
  const sqlite = new SqliteDatabase(file, { readonly: true, fileMustExist: true });
  try {
    const newest = (table: 'runs' | 'variables', column: string) =>
      sqlite
        .prepare<[], { id: string; sealed: string }>(
          `select id, ${column} as sealed from ${table} order by rowid desc limit 1`,
        )
        .all()
        .map((row) => ({ table, ...row }));
    return [...newest('runs', 'sealed_variables'), ...newest('variables', 'sealed_value')];
  } finally {
    sqlite.close();
  }
}
