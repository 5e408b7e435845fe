import { sql } from 'drizzle-orm';
import { type Database, inTransaction } from './database.ts';

export type SealedColumn = { table: string; column: string };
export type SealedValue = { rowid: number; sealed: string };

/** Every column that holds sealed values: their names say so. */
export function sealedColumns(database: Database): SealedColumn[] {
  return database.all<SealedColumn>(sql`
    select m.name as "table", c.name as "column" from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and c.name like 'sealed\\_%' escape '\\' order by 1, 2`);
}

/** The next values of a column behind a row, in the order of rows. */
export function sealedBehind(
  database: Database,
  { table, column }: SealedColumn,
  rowid: number,
  limit: number,
): SealedValue[] {
  const [from, what] = [sql.identifier(table), sql.identifier(column)];
  return database.all<SealedValue>(sql`
    select rowid as "rowid", ${what} as sealed from ${from} where rowid > ${rowid} and ${what} is not null order by rowid limit ${limit}`);
}

/** Only where the value is still the one that was read: somebody may have set another. Gives how many were. */
export function replaceSealed(
  database: Database,
  { table, column }: SealedColumn,
  values: readonly (SealedValue & { resealed: string })[],
): number {
  const [from, what] = [sql.identifier(table), sql.identifier(column)];
  return inTransaction(database, (transaction) =>
    values.reduce((sum, { rowid, sealed, resealed }) => {
      const written = transaction.run(
        sql`update ${from} set ${what} = ${resealed} where rowid = ${rowid} and ${what} = ${sealed}`,
      );
      return sum + written.changes;
    }, 0),
  );
}
