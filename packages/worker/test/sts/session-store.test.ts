import { randomBytes } from 'node:crypto';
import { sessionKey } from '@gatehouse/shared/jobs';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSessionStore } from '../../src/sts/session-store.ts';
import { type RedisServer, startRedis } from '../surroundings/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

const session = (expiresInMs: number) => ({
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: new Secret('a-secret-access-key'),
  sessionToken: new Secret('a-session-token'),
  expiresAt: new Date(Date.now() + expiresInMs),
});

function setup() {
  const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
  return { redis: server.redis, store: createSessionStore({ redis: server.redis, sealer }) };
}

test('a session comes back whole, and Redis holds neither its key nor its token', async () => {
  const { store, redis } = setup();
  const put = session(60_000);
  await store.put('run-1', 'plan', put);
  const raw = (await redis.get(sessionKey('run-1', 'plan'))) ?? '';
  expect(raw.length).toBeGreaterThan(100);
  expect(raw).not.toContain('a-secret-access-key');
  expect(raw).not.toContain('a-session-token');
  const read = await store.read('run-1', 'plan');
  expect(read?.secretAccessKey.reveal()).toBe('a-secret-access-key');
  expect(read?.expiresAt).toEqual(put.expiresAt);
});

test('it lies there no longer than it is good for', async () => {
  const { store, redis } = setup();
  await store.put('run-2', 'plan', session(60_000));
  const ttl = await redis.pttl(sessionKey('run-2', 'plan'));
  expect(ttl).toBeGreaterThan(50_000);
  expect(ttl).toBeLessThanOrEqual(60_000);
});

test('a sealed session that is moved to another phase is worth nothing there', async () => {
  const { store, redis } = setup();
  await store.put('run-3', 'plan', session(60_000));
  await redis.rename(sessionKey('run-3', 'plan'), sessionKey('run-3', 'apply'));
  expect(await store.read('run-3', 'apply')).toBeUndefined();
});

test('a dropped session is gone', async () => {
  const { store } = setup();
  await store.put('run-4', 'plan', session(60_000));
  await store.drop('run-4', 'plan');
  expect(await store.read('run-4', 'plan')).toBeUndefined();
});
