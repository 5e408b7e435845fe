import path from 'node:path';
import SqliteDatabase from 'better-sqlite3';

/** Runs are spread over this time, as in an installation of some years, the newest just now. */
const yearMs = 365 * 24 * 3_600_000;

/**
 * Copies the one ended run of a stack that is stopped until its workspace has `count` of them, phases included, as if
 * they had come in over a year. By SQL: over the API it would take days.
 */
export function multiplyRun(dataDirectory: string, runId: string, count: number): void {
  const database = new SqliteDatabase(path.join(dataDirectory, 'api', 'gatehouse.db'));
  try {
    database.pragma('synchronous = OFF');
    const now = Date.now();
    const at = `${now} - (${yearMs} * 1.0 * (@count - n) / @count)`;
    const numbers = 'with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < @count - 1)';
    const copy = (table: string, where: string, set: Readonly<Record<string, string>>) => {
      const columns = database
        .prepare<[string], { name: string }>('select name from pragma_table_info(?)')
        .all(table)
        .map(({ name }) => name)
        .filter((name) => name !== 'sequence');
      const values = columns.map((name) => set[name] ?? `t."${name}"`);
      const names = columns.map((name) => `"${name}"`).join(', ');
      database
        .prepare(
          `insert into ${table} (${names}) ${numbers} select ${values.join(', ')} from numbers cross join ${table} t where ${where} order by n`,
        )
        .run({ count, runId });
    };
    const copyOf = `printf('%s-%07d', @runId, n)`;
    const times = { created_at: `cast(${at} as integer)`, ended_at: `cast(${at} as integer) + 60000` };
    database.exec('begin');
    copy('runs', 't.id = @runId', { id: copyOf, ...times });
    copy('run_phases', 't.run_id = @runId', {
      run_id: copyOf,
      id: `printf('%s-%07d', t.id, n)`,
      claim_id: 'null',
      started_at: times.created_at,
      ended_at: times.ended_at,
    });
    database.exec('commit');
    database.exec('analyze');
  } finally {
    database.close();
  }
}
