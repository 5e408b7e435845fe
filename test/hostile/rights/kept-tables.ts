import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** When something was last used or seen is written by asking, also in vain. */
const noted = new Set(['last_used_at', 'last_seen_at']);

/** What counts wrong guesses, which are in vain by nature. */
const counting = ['guesses'];

/** Every row of the database as it was at this moment: whether it still is, and a way back. */
export function keptTables(file: DatabaseSync) {
  file.exec('pragma foreign_keys = off; pragma synchronous = off');
  const names = file
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '\\_\\_%' escape '\\'",
    )
    .all()
    .map((row) => String(row['name']));
  const rowsOf = (name: string) => file.prepare(`select * from "${name}"`).all();
  const digestOf = (rows: readonly Record<string, unknown>[]) =>
    createHash('sha256')
      .update(JSON.stringify(rows, (key, value: unknown) => (noted.has(key) ? undefined : value)))
      .digest('hex');
  const kept = names.map((name) => {
    const rows = rowsOf(name);
    return { name, rows, digest: digestOf(rows) };
  });

  /** The tables that differ, but for counts of guesses. */
  function changed(): string[] {
    return differing().filter((name) => !counting.includes(name));
  }

  function differing(): string[] {
    return kept.filter(({ name, digest }) => digestOf(rowsOf(name)) !== digest).map(({ name }) => name);
  }

  function restore(): void {
    const names = differing();
    if (names.length === 0) return;
    file.exec('begin immediate');
    for (const { name, rows } of kept.filter((table) => names.includes(table.name))) {
      file.exec(`delete from "${name}"`);
      for (const row of rows) {
        const columns = Object.keys(row);
        const places = columns.map(() => '?').join(', ');
        const statement = `insert into "${name}" (${columns.map((column) => `"${column}"`).join(', ')}) values (${places})`;
        file.prepare(statement).run(...Object.values(row));
      }
    }
    file.exec('commit');
  }

  return { changed, restore };
}
