import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import SqliteDatabase from 'better-sqlite3';
import { create, extract } from 'tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { writeBackup } from '../../src/backup/write-backup.ts';
import { blobKeys, readBlob } from '../../src/blobs/blob-store.ts';
import { openFileBlobStore } from '../../src/blobs/file-blob-store.ts';
import { variableContext } from '../../src/services/set-variable.ts';
import { openDatabase } from '../../src/store/database.ts';

const newKey = () => createSealer(new Secret(randomBytes(32).toString('base64url')));
const key = blobKeys.state('sv-1');
const content = randomBytes(300_000);
const now = new Date('2026-01-02T03:04:05Z');
const insertVariable = `insert into variables (id, organization, key, category, sealed_value, created_at, updated_at)
  values (?, 'acme', 'region', 'env', ?, 0, 0)`;
let folder: string;
let sealer: ReturnType<typeof newKey>;
let live: ReturnType<typeof openDatabase>;

const at = (name: string) => path.join(folder, name);
const restore = (archive: string, by = sealer) => restoreBackup(at(archive), at('restored'), by);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gh-backup-'));
  sealer = newKey();
  live = openDatabase(at('data/gatehouse.db'));
  await (await openFileBlobStore(at('data/blobs'))).put(key, content);
  const sqlite = new SqliteDatabase(at('data/gatehouse.db'));
  sqlite.pragma('foreign_keys = OFF');
  sqlite.prepare(insertVariable).run('var-1', await sealer.seal('kept', variableContext('var-1')));
  sqlite.close();
  // The database is still open, as the api's is, and what was written lies in its write-ahead log.
  await writeBackup(at('data'), at('backup.tgz'), now);
});
afterEach(async () => {
  live.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is wrong with an archive leaves no folder, neither the target nor a half of it. */
async function isRefused(work: Promise<unknown>, why: RegExp) {
  await expect(work).rejects.toThrow(why);
  expect((await readdir(folder)).filter((name) => name.startsWith('restored'))).toEqual([]);
}

test('a backup of an open database comes back byte for byte', async () => {
  const { manifest, isKeyTried } = await restore('backup.tgz');
  expect(isKeyTried).toBe(true);
  expect(manifest.createdAt).toBe(now.toISOString());
  expect(await readBlob(await openFileBlobStore(at('restored/blobs')), key)).toEqual(content);
  expect(await readdir(at('restored'))).toEqual(['blobs', 'gatehouse.db']);
  expect(await readdir(at('data/scratch'))).toEqual([]);
});

test('another key is refused', () => isRefused(restore('backup.tgz', newKey()), /sealing key does not open/));

test('an archive that was cut off is refused', async () => {
  const whole = await readFile(at('backup.tgz'));
  await truncate(at('backup.tgz'), Math.floor(whole.length / 2));
  await isRefused(restore('backup.tgz'), /backup is damaged/);
});

test('an archive with one changed byte is refused', async () => {
  const bytes = await readFile(at('backup.tgz'));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(at('backup.tgz'), bytes);
  await isRefused(restore('backup.tgz'), /backup is damaged/);
});

test('a well-formed archive without one of its blobs is refused', async () => {
  await mkdir(at('other'));
  await extract({ file: at('backup.tgz'), cwd: at('other') });
  await rm(at('other/blobs'), { recursive: true });
  await create({ gzip: true, file: at('less.tgz'), cwd: at('other') }, await readdir(at('other')));
  await isRefused(restore('less.tgz'), /states.* is missing/);
});

test('a folder that holds anything is left alone', async () => {
  const before = await readdir(at('data'));
  await expect(restoreBackup(at('backup.tgz'), at('data'), sealer)).rejects.toThrow(/not empty/);
  expect(await readdir(at('data'))).toEqual(before);
});

test('a backup never replaces a file', async () => {
  const before = await readFile(at('backup.tgz'));
  await expect(writeBackup(at('data'), at('backup.tgz'), now)).rejects.toThrow(/exists already/);
  expect(await readFile(at('backup.tgz'))).toEqual(before);
});
