import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isId } from '@gatehouse/shared/ids';
import SqliteDatabase from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';

const migrations = fileURLToPath(new URL('../../drizzle', import.meta.url));
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gh-migrations-'));
  file = await setup();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A database as the first release left it. */
async function setup(): Promise<string> {
  const first = path.join(folder, 'first');
  await cp(migrations, first, { recursive: true });
  const journal = path.join(first, 'meta', '_journal.json');
  const { entries, ...rest } = JSON.parse(await readFile(journal, 'utf8'));
  await writeFile(journal, JSON.stringify({ ...rest, entries: entries.slice(0, 1) }));
  const file = path.join(folder, 'gatehouse.db');
  const sqlite = new SqliteDatabase(file);
  migrate(drizzle(sqlite), { migrationsFolder: first });
  sqlite.exec(`
    insert into organizations values ('acme', 'org-1CYcKgdRcHiEX8HMHoGiBx', 'a@example.com', 1000),
      ('other', 'org-1CYcKgdRcHiEX8HMHoGiBy', 'o@example.com', 2000);
    insert into workspaces (id, organization, name, created_at, updated_at)
      values ('ws-1', 'acme', 'one', 1, 1), ('ws-2', 'acme', 'two', 1, 1), ('ws-3', 'other', 'one', 1, 1);
  `);
  sqlite.close();
  return file;
}

test('organizations of an earlier release get a default project, and their workspaces are in it', () => {
  const { database, close } = openDatabase(file);
  const projects = database.all<{ id: string; organization: string; name: string; is_default: number }>(
    'select * from projects order by organization',
  );
  expect(projects.map(({ organization, name, is_default }) => [organization, name, is_default])).toEqual([
    ['acme', 'Default Project', 1],
    ['other', 'Default Project', 1],
  ]);
  expect(projects.every(({ id }) => isId('project', id))).toBe(true);
  const [acme, other] = projects;
  expect(database.all('select id, project_id as project from workspaces order by id')).toEqual([
    { id: 'ws-1', project: acme?.id },
    { id: 'ws-2', project: acme?.id },
    { id: 'ws-3', project: other?.id },
  ]);
  close();
});

test('organizations of an earlier release get their team of owners', () => {
  const { database, close } = openDatabase(file);
  const teams = database.all<{ id: string }>('select * from teams order by organization');
  expect(teams).toMatchObject([
    { id: 'team-1CYcKgdRcHiEX8HMHoGiBx', organization: 'acme', name: 'owners', visibility: 'secret', created_at: 1000 },
    { id: 'team-1CYcKgdRcHiEX8HMHoGiBy', organization: 'other', name: 'owners', created_at: 2000 },
  ]);
  expect(teams.every(({ id }) => isId('team', id))).toBe(true);
  close();
});
