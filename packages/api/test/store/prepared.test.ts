import { eq, inArray, lte } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, inTransaction, openDatabase } from '../../src/store/database.ts';
import { given, givenList, prepared, preparedInsert } from '../../src/store/prepared.ts';
import { flag, instant } from '../../src/store/schema/columns.ts';

const things = sqliteTable('things', {
  sequence: integer('sequence').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  addresses: text('addresses', { mode: 'json' }).$type<string[]>().notNull().default([]),
  isOpen: flag('is_open').notNull().default(true),
  dueAt: instant('due_at').notNull(),
  endedAt: instant('ended_at'),
});

const insert = preparedInsert(things);
const byName = prepared((database) =>
  database
    .select()
    .from(things)
    .where(eq(things.name, given('name', things.name)))
    .prepare(),
);
const dueBefore = prepared((database) =>
  database
    .select({ name: things.name })
    .from(things)
    .where(lte(things.dueAt, given('now', things.dueAt)))
    .prepare(),
);
const named = prepared((database) =>
  database
    .select({ name: things.name })
    .from(things)
    .where(inArray(things.name, givenList('names')))
    .prepare(),
);

let opened: { database: Database; close(): void }[];
beforeEach(() => {
  opened = [];
});
afterEach(() => {
  for (const { close } of opened) close();
});

function setup(): Database {
  const one = openDatabase(':memory:');
  opened.push(one);
  one.database.run(
    'create table things (sequence integer primary key autoincrement, name text not null, addresses text not null, is_open integer not null, due_at integer not null, ended_at integer)',
  );
  return one.database;
}

const noon = new Date('2026-01-01T12:00:00.000Z');

test('a row is written with its defaults, and read as it was given', () => {
  const database = setup();
  const whole = { name: 'whole', addresses: ['a', 'b'], isOpen: false, dueAt: noon, endedAt: new Date(7) };
  expect(insert.get(database, whole)).toEqual({ sequence: 1, ...whole });
  insert.run(database, { name: 'bare', dueAt: noon });
  const bare = { sequence: 2, name: 'bare', addresses: [], isOpen: true, dueAt: noon, endedAt: null };
  expect(byName(database).get({ name: 'bare' })).toEqual(bare);
  // Its columns are written as the builder writes them.
  expect(
    database
      .select()
      .from(things)
      .where(eq(things.addresses, ['a', 'b']))
      .all(),
  ).toHaveLength(1);
});

test('dates and lists are given with each call, and an empty list matches nothing', () => {
  const database = setup();
  insert.run(database, { name: 'early', dueAt: noon });
  insert.run(database, { name: 'late', dueAt: new Date(noon.getTime() + 1) });
  expect(dueBefore(database).all({ now: noon })).toEqual([{ name: 'early' }]);
  expect(dueBefore(database).all({ now: new Date(0) })).toEqual([]);
  expect(named(database).all({ names: ['late', 'nobody', 'early'] })).toHaveLength(2);
  expect(named(database).all({ names: ['late'] })).toEqual([{ name: 'late' }]);
  expect(named(database).all({ names: [] })).toEqual([]);
});

test('a transaction sees what it wrote itself, and takes it back', () => {
  const database = setup();
  const attempt = () =>
    inTransaction(database, (transaction) => {
      insert.run(transaction, { name: 'half', dueAt: noon });
      expect(byName(transaction)).toBe(byName(database));
      expect(byName(transaction).get({ name: 'half' })?.name).toBe('half');
      throw new Error('no');
    });
  expect(attempt).toThrow('no');
  expect(byName(database).get({ name: 'half' })).toBeUndefined();
});

test('each database has statements of its own', () => {
  const [one, other] = [setup(), setup()];
  insert.run(one, { name: 'here', dueAt: noon });
  inTransaction(other, (transaction) => insert.run(transaction, { name: 'there', dueAt: noon }));
  expect(named(one).all({ names: ['here', 'there'] })).toEqual([{ name: 'here' }]);
  expect(named(other).all({ names: ['here', 'there'] })).toEqual([{ name: 'there' }]);
});

test('statements that are kept follow a change of the tables, and give rows with and without names', () => {
  const database = setup();
  insert.run(database, { name: 'kept', dueAt: noon });
  const text = database.select({ name: things.name }).from(things).toSQL().sql;
  const builder = () => database.select({ name: things.name }).from(things).all();
  expect(builder()).toEqual([{ name: 'kept' }]);
  expect(database.all(text)).toEqual([{ name: 'kept' }]);
  database.run('alter table things add column more text');
  expect(builder()).toEqual([{ name: 'kept' }]);
  expect(database.all('select * from things')).toMatchObject([{ more: null }]);
});
