import path from 'node:path';
import SqliteDatabase from 'better-sqlite3';

// Fills the store of a stack that is stopped, by SQL: over the API it would take hours.

/** So many runs, or all where there are fewer, came in during the last week: however many there ever were, a week is a week. */
const runsOfLastWeek = 1_000;
const weekMs = 7 * 24 * 3_600_000;
/** The others came in during this time before it. */
const yearMs = 365 * 24 * 3_600_000;
/** Until the first and the last deadline of runs that wait: none of them passes while anything is measured. */
const [soonestMs, latestMs] = [2 * 3_600_000, 4 * 3_600_000];

/**
 * Copies the one ended run until its workspace has `count` of them, as if they had come in over a year: phases included,
 * and for those of the last week their history.
 */
export function multiplyRun(dataDirectory: string, runId: string, count: number): void {
  const now = Date.now();
  const old = `@count - ${runsOfLastWeek}`;
  const thisWeek = `${now} - ${weekMs} * 1.0 * (@count - n) / ${runsOfLastWeek}`;
  const before = `${now - weekMs} - ${yearMs} * 1.0 * (${old} - n) / @count`;
  const at = `cast(case when n > ${old} then ${thisWeek} else ${before} end as integer)`;
  const ended = `${at} + 60000`;
  copyRows(dataDirectory, { runId, count }, [
    { table: 'runs', where: 't.id = @runId', set: { id: copyOf('t.id'), created_at: at, ended_at: ended } },
    {
      table: 'run_phases',
      where: 't.run_id = @runId',
      set: {
        run_id: copyOf('t.run_id'),
        id: copyOf('t.id'),
        claim_id: 'null',
        queued_at: at,
        started_at: at,
        ended_at: ended,
      },
    },
    {
      table: 'run_history',
      where: `t.run_id = @runId and n > ${old}`,
      set: { run_id: copyOf('t.run_id'), at },
    },
  ]);
}

/** Copies a run that waits for its first code until `count` of them wait, history and challenge included. */
export function multiplyWait(dataDirectory: string, runId: string, count: number): void {
  const ofRun = { where: 't.run_id = @runId', set: { run_id: copyOf('t.run_id') } };
  const deadline = `cast(${Date.now() + soonestMs} + ${latestMs - soonestMs} * 1.0 * n / @count as integer)`;
  copyRows(dataDirectory, { runId, count }, [
    { table: 'runs', where: 't.id = @runId', set: { id: copyOf('t.id') } },
    { table: 'run_phases', where: ofRun.where, set: { ...ofRun.set, id: copyOf('t.id') } },
    { table: 'run_history', ...ofRun },
    {
      table: 'challenges',
      where: ofRun.where,
      set: { ...ofRun.set, id: copyOf('t.id'), deadline_at: deadline, remind_at: 'null' },
    },
  ]);
}

/** As long as the id that it is made of, and of the letters that ids have, among which is no 0 (packages/shared/src/ids.ts). */
function copyOf(id: string): string {
  return `substr(${id}, 1, length(${id}) - 7) || replace(printf('%07d', n), '0', 'z')`;
}

type Copy = { table: string; where: string; set: Readonly<Record<string, string>> };

/** `set`: what a column is in the `n`th copy, in SQL; the others are copied as they are. */
function copyRows(dataDirectory: string, of: { runId: string; count: number }, copies: readonly Copy[]): void {
  const database = new SqliteDatabase(path.join(dataDirectory, 'api', 'gatehouse.db'));
  try {
    database.pragma('synchronous = OFF');
    const columnsOf = database.prepare<[string], { name: string }>('select name from pragma_table_info(?)');
    const numbers = 'with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < @count - 1)';
    database.exec('begin');
    for (const { table, where, set } of copies) {
      const columns = columnsOf.all(table).flatMap(({ name }) => (name === 'sequence' ? [] : [name]));
      const names = columns.map((name) => `"${name}"`).join(', ');
      const values = columns.map((name) => set[name] ?? `t."${name}"`).join(', ');
      const rows = `select ${values} from numbers cross join ${table} t where ${where} order by n`;
      database.prepare(`insert into ${table} (${names}) ${numbers} ${rows}`).run(of);
    }
    database.exec('commit');
    database.exec('analyze');
  } finally {
    database.close();
  }
}
