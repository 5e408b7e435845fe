import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSealer, isSealedWith } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../../shared/test/private-redis.ts';
import { blobKeys, readBlob } from '../../src/blobs/blob-store.ts';
import { openFileBlobStore } from '../../src/blobs/file-blob-store.ts';
import { sealedBlobs } from '../../src/blobs/sealed-blobs.ts';
import { resealBlobs } from '../../src/reseal/reseal-blobs.ts';
import { resealDatabase } from '../../src/reseal/reseal-database.ts';
import { resealRedis } from '../../src/reseal/reseal-redis.ts';
import { variableContext } from '../../src/services/set-variable.ts';
import { openDatabase } from '../../src/store/database.ts';
import { replaceSealed, sealedBehind, sealedColumns } from '../../src/store/sealed-columns.ts';

const newKey = () => randomBytes(32).toString('base64url');

/** Somebody with the old key alone, with both while it is replaced, and with the new one alone. */
function keyRing() {
  const [old, next] = [newKey(), newKey()];
  const ring = (...keys: string[]) => createSealer(new Secret(keys.join(',')));
  return { before: ring(old), between: ring(next, old), after: ring(next) };
}

let redisServer: PrivateRedis;
beforeAll(async () => {
  redisServer = await startPrivateRedis();
});
afterAll(() => redisServer.stop());

async function scratch(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-reseal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('every column that is named so is sealed anew, more than one batch of it, and a value that changed meanwhile stays', async () => {
  const { before, between, after } = keyRing();
  const { database, close } = openDatabase(':memory:');
  onTestFinished(close);
  database.run(sql`pragma foreign_keys = off`);
  const write = (id: string, sealed: string) =>
    database.run(sql`insert into variables (id, organization, key, category, sealed_value, created_at, updated_at)
      values (${id}, 'acme', ${id}, 'env', ${sealed}, 0, 0)`);
  for (let at = 0; at < 450; at++) write(`var-${at}`, await before.seal(`value ${at}`, variableContext(`var-${at}`)));
  write('var-new', await between.seal('new', variableContext('var-new')));

  expect(await resealDatabase(database, between)).toBe(450);
  const rows = database.all<{ id: string; sealed: string }>(sql`select id, sealed_value as sealed from variables`);
  expect(rows).toHaveLength(451);
  for (const { id, sealed } of rows.slice(0, 450)) {
    expect(await after.unsealText(sealed, variableContext(id))).toBe(`value ${id.slice(4)}`);
  }
  expect(await resealDatabase(database, between)).toBe(0);

  const column = { table: 'variables', column: 'sealed_value' };
  const [read] = sealedBehind(database, column, -1, 1);
  database.run(sql`update variables set sealed_value = 'set by somebody' where rowid = ${read?.rowid}`);
  expect(read && replaceSealed(database, column, [{ ...read, resealed: 'late' }])).toBe(0);
});

test('no column with sealed values has another name', () => {
  const { database, close } = openDatabase(':memory:');
  onTestFinished(close);
  const names = sealedColumns(database).map(({ table, column }) => `${table}.${column}`);
  expect(names).toEqual([
    'aws_checks.sealed_identity',
    'aws_identities.sealed_secret_access_key',
    'notification_configurations.sealed_token',
    'notification_configurations.sealed_url',
    'notification_responses.sealed_answer',
    'runs.sealed_own_variables',
    'runs.sealed_variables',
    'state_version_outputs.sealed_value',
    'variables.sealed_value',
  ]);
});

test('blobs are sealed anew, those of workers too', async () => {
  const { before, between, after } = keyRing();
  const root = await scratch();
  const files = await openFileBlobStore(root);
  const content = randomBytes(2_500_000);
  await sealedBlobs(files, before).put(blobKeys.state('sv-1'), content);
  await sealedBlobs(files, before).put(blobKeys.logSegment('run-1', 'plan', 0), Buffer.alloc(0));
  await sealedBlobs(files, between).put(blobKeys.state('sv-2'), Buffer.from('new'));
  await files.put(blobKeys.planArtifact('run-1'), Buffer.from(await before.seal('the plan', 'plan-artifact/run-1')));

  expect(await resealBlobs(root, between)).toBe(3);
  expect(await resealBlobs(root, between)).toBe(0);
  const opened = sealedBlobs(files, after);
  expect((await readBlob(opened, blobKeys.state('sv-1')))?.equals(content)).toBe(true);
  expect(await readBlob(opened, blobKeys.logSegment('run-1', 'plan', 0))).toEqual(Buffer.alloc(0));
  const artifact = String(await readBlob(files, blobKeys.planArtifact('run-1')));
  expect(await after.unsealText(artifact, 'plan-artifact/run-1')).toBe('the plan');
});

test('what lies sealed in Redis keeps its time; what is no sealed value is left alone', async () => {
  const { before, between, after } = keyRing();
  const { redis } = redisServer;
  await redis.set('session', await before.seal('the session', 'session'), 'EX', 500);
  await redis.set('current', await between.seal('new', 'current'));
  await redis.set('counter', '17');
  await redis.hset('bull:runs:1', 'data', await before.seal('a report', 'worker-report'));
  expect(await resealRedis(redis, between)).toBe(1);
  expect(await after.unsealText(String(await redis.get('session')), 'session')).toBe('the session');
  expect(await redis.ttl('session')).toBeGreaterThan(490);
  expect(await redis.get('counter')).toBe('17');
  expect(await resealRedis(redis, between)).toBe(0);
});

test('a key that is missing stops it, by its name, and loses nothing', async () => {
  const { before, after } = keyRing();
  const root = await scratch();
  const files = await openFileBlobStore(root);
  await sealedBlobs(files, before).put(blobKeys.state('sv-1'), Buffer.from('kept'));
  const error: unknown = await resealBlobs(root, after).catch((reason: unknown) => reason);
  const cause = error instanceof Error ? String(error.cause) : '';
  expect(cause).toContain(before.keyId);
  expect(cause).toContain(after.keyId);
  expect(String(await readBlob(sealedBlobs(files, before), blobKeys.state('sv-1')))).toBe('kept');
  expect(isSealedWith(String(await readBlob(files, blobKeys.state('sv-1'))), before.keyId)).toBe(true);
});
