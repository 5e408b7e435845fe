import { getTableColumns, Param, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { connectionOf, type Database, type Transaction } from './database.ts';

/**
 * A statement that is built and compiled once for each open database, at its first use; a transaction uses its
 * database's. `build` names what is given later by `given` and `givenList`, and ends in `.prepare()`.
 */
export function prepared<Statement>(
  build: (database: Database) => Statement,
): (on: Database | Transaction) => Statement {
  const statements = new WeakMap<Database, Statement>();
  return (on) => {
    const database = connectionOf(on);
    const known = statements.get(database);
    if (known !== undefined) return known;
    const statement = build(database);
    statements.set(database, statement);
    return statement;
  };
}

/** A value that is given with each call, written as its column writes it: a date as its instant. Null has no such form. */
export function given(name: string, column: SQLiteColumn): SQLWrapper {
  return new Param(sql.placeholder(name), column);
}

/** For `inArray`: an array of any length that is given with each call, one statement for all lengths. */
export function givenList(name: string): SQL {
  return sql`(select value from json_each(${new Param(sql.placeholder(name), asJson)}))`;
}

const asJson = { mapToDriverValue: (values: unknown) => JSON.stringify(values) };

/** Writes rows of a table: `run` and no more, or `get` the row as it was written. What is not given has its default, or is null. */
export function preparedInsert<Table extends SQLiteTable>(table: Table) {
  type Row = Table['$inferInsert'];
  const columns: [string, SQLiteColumn][] = Object.entries(getTableColumns(table));
  const insert = (database: Database) => {
    const values = Object.fromEntries(columns.map(([key]) => [key, sql`${sql.placeholder(key)}`]));
    // Every column's value is an expression, which the builder's type cannot know of a table that it is given.
    return database.insert<SQLiteTable>(table).values(values);
  };
  const plain = prepared((database) => insert(database).prepare());
  const returning = prepared((database) => insert(database).returning(getTableColumns(table)).prepare());
  const encoded = (row: Record<string, unknown>) =>
    Object.fromEntries(columns.map(([key, column]) => [key, encode(column, row[key])]));
  return {
    run: (on: Database | Transaction, row: Row): void => void plain(on).run(encoded(row)),
    // The columns are the table's own.
    get: (on: Database | Transaction, row: Row) => returning(on).get(encoded(row)) as Table['$inferSelect'],
  };
}

/**
 * Changes the row that `where` finds, and gets it as it was written; undefined where there is none. `always` is set with
 * every change. One statement for each set of columns that is ever changed together.
 */
export function preparedUpdate<Table extends SQLiteTable>(
  table: Table,
  { where, always = {} }: { where: SQL | undefined; always?: Record<string, SQL> },
) {
  const columns = getTableColumns(table) as Record<string, SQLiteColumn>;
  const build = (keys: readonly string[]) =>
    prepared((database) => {
      const values = Object.fromEntries(keys.map((key) => [key, sql`${sql.placeholder(key)}`]));
      return database
        .update<SQLiteTable>(table)
        .set({ ...values, ...always })
        .where(where)
        .returning(columns)
        .prepare();
    });
  const statements = new Map<string, ReturnType<typeof build>>();
  return (
    on: Database | Transaction,
    set: Partial<Table['$inferInsert']>,
    found: Record<string, unknown>,
  ): Table['$inferSelect'] | undefined => {
    const changed = Object.entries<unknown>(set).flatMap(([key, value]) => {
      const column = value === undefined ? undefined : columns[key];
      return column === undefined ? [] : [{ key, value: encode(column, value) }];
    });
    const name = changed.map(({ key }) => key).join(' ');
    const statement = statements.get(name) ?? build(changed.map(({ key }) => key));
    statements.set(name, statement);
    // The columns are the table's own.
    return statement(on).get({ ...Object.fromEntries(changed.map(({ key, value }) => [key, value])), ...found }) as
      | Table['$inferSelect']
      | undefined;
  };
}

function encode(column: SQLiteColumn, value: unknown): unknown {
  const whole = value === undefined ? (column.defaultFn?.() ?? column.default ?? null) : value;
  return whole === null ? null : column.mapToDriverValue(whole);
}
