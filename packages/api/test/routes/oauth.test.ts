import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prune } from '../../src/loops/prune.ts';
import { authorizationCodeMs } from '../../src/services/authorize-terraform.ts';
import { auditRecords, authorizationCodes, users, webSessions } from '../../src/store/schema/identity.ts';
import { type PageVisitor, pageVisitor } from '../page-visitor.ts';
import { type Answer, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let ada: PageVisitor;

beforeAll(async () => {
  api = await startApi();
  ada = await pageVisitor(api, 'ada');
});
afterAll(() => api.close());

const redirectUri = 'http://localhost:10003/login';

function setup() {
  const verifier = `${randomBytes(24).toString('hex')}.123456789`;
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { verifier, challenge };
}

function attributesFor(challenge: string, more: object = {}) {
  return {
    'client-id': 'terraform-cli',
    'response-type': 'code',
    'redirect-uri': redirectUri,
    'code-challenge': challenge,
    'code-challenge-method': 'S256',
    state: 'the-state',
    'expires-after-days': 90,
    ...more,
  };
}

async function allowed(visitor: PageVisitor, challenge: string, more: object = {}): Promise<string> {
  const answer = await visitor.post('/oauth/authorizations', { data: { attributes: attributesFor(challenge, more) } });
  expect(answer.status).toBe(201);
  return new URL(String(answer.data().attributes['redirect-to'])).searchParams.get('code') ?? '';
}

let address = 0;
function exchange(form: Record<string, string> | string, contentType = 'application/x-www-form-urlencoded') {
  // An address of its own, so that nobody but the test of the limit meets it.
  address += 1;
  return api.ask({
    method: 'POST',
    url: '/oauth/token',
    remoteAddress: `10.0.${address >> 8}.${address & 255}`,
    headers: { 'content-type': contentType },
    payload: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
}

function formFor(code: string, verifier: string, more: Record<string, string> = {}) {
  return {
    grant_type: 'authorization_code',
    client_id: 'terraform-cli',
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
    ...more,
  };
}

function tokenOf(answer: Answer): string {
  return String(JSON.parse(answer.text).access_token);
}

function expectRefused(answer: Answer, error = 'invalid_grant'): void {
  expect(answer.status).toBe(400);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  expect(JSON.parse(answer.text)).toEqual({ error, error_description: expect.any(String) });
}

test('the terraform CLI is told where to log in', async () => {
  const discovery = JSON.parse((await api.ask({ url: '/.well-known/terraform.json' })).text);
  expect(discovery['login.v1']).toEqual({
    client: 'terraform-cli',
    grant_types: ['authz_code'],
    authz: '/oauth/authorization',
    token: '/oauth/token',
    ports: [10000, 10010],
  });
});

test('a code becomes a token that acts as its person, is in their list, expires as they chose, and can be revoked', async () => {
  const { verifier, challenge } = setup();
  const answer = await ada.post('/oauth/authorizations', { data: { attributes: attributesFor(challenge) } });
  const back = new URL(String(answer.data().attributes['redirect-to']));
  expect(`${back.origin}${back.pathname}`).toBe(redirectUri);
  expect(back.searchParams.get('state')).toBe('the-state');
  expect(answer.headers['cache-control']).toBe('no-store');
  const code = back.searchParams.get('code') ?? '';

  const exchanged = await exchange(formFor(code, verifier));
  expect(exchanged.status).toBe(200);
  expect(exchanged.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    pragma: 'no-cache',
  });
  const token = tokenOf(exchanged);
  expect(JSON.parse(exchanged.text)).toEqual({ access_token: token, token_type: 'bearer' });
  expect((await api.as({ token }).get('/account/details')).data().id).toBe(ada.id);

  const listed = (await ada.get(`/users/${ada.id}/authentication-tokens`)).list();
  const own = listed.find(({ attributes }) => attributes['description'] === 'terraform login');
  const expiry = new Date(api.clock.now().getTime() + 90 * 24 * 3_600_000).toISOString();
  expect(own?.attributes).toMatchObject({ 'expired-at': expiry });
  const [audit] = api.database
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.targetId, own?.id ?? ''))
    .all();
  expect(audit).toMatchObject({ action: 'token.created', actorName: 'ada' });

  expect((await ada.delete(`/authentication-tokens/${own?.id}`)).status).toBe(204);
  expect((await api.as({ token }).get('/account/details')).status).toBe(401);

  const stored = ['', '-wal'].map((end) => readFileSync(`${api.databaseFile}${end}`).toString('latin1')).join();
  expect(stored).toContain(challenge);
  for (const secret of [code, verifier, token]) {
    expect(stored).not.toContain(secret);
    expect(api.logLines.join()).not.toContain(secret);
  }
});

test('a token without an end has none', async () => {
  const { verifier, challenge } = setup();
  const token = tokenOf(
    await exchange(formFor(await allowed(ada, challenge, { 'expires-after-days': null }), verifier)),
  );
  api.advance(400 * 24 * 3_600_000);
  expect((await api.as({ token }).get('/account/details')).status).toBe(200);
  ada = await pageVisitor(api, 'ada-later');
});

describe('a code', () => {
  test('that comes a second time is refused, and the token that it made is revoked', async () => {
    const { verifier, challenge } = setup();
    const code = await allowed(ada, challenge);
    const token = tokenOf(await exchange(formFor(code, verifier)));
    expect((await api.as({ token }).get('/account/details')).status).toBe(200);
    // Whoever has the code need not have the verifier.
    expectRefused(await exchange(formFor(code, 'x'.repeat(46))));
    expect((await api.as({ token }).get('/account/details')).status).toBe(401);
    const revoked = api.database.select().from(auditRecords).where(eq(auditRecords.actorName, 'gatehouse')).all();
    expect(revoked).toMatchObject([{ action: 'token.deleted', details: { reason: expect.any(String) } }]);
    expectRefused(await exchange(formFor(code, verifier)));
  });

  const wrong: [string, Record<string, string>][] = [
    ['the wrong verifier', { code_verifier: 'x'.repeat(46) }],
    ['another address', { redirect_uri: 'http://localhost:10004/login' }],
    ['the other name of the same address', { redirect_uri: 'http://127.0.0.1:10003/login' }],
  ];
  test.each(wrong)('that comes with %s is refused and used up', async (_what, more) => {
    const { verifier, challenge } = setup();
    const code = await allowed(ada, challenge);
    expectRefused(await exchange(formFor(code, verifier, more)));
    expectRefused(await exchange(formFor(code, verifier)));
  });

  test('whose verifier is the challenge itself, as with the plain method, is refused', async () => {
    const { challenge } = setup();
    expectRefused(await exchange(formFor(await allowed(ada, challenge), challenge)));
  });

  test('of another client is refused, and stays good for its own', async () => {
    const { verifier, challenge } = setup();
    const code = await allowed(ada, challenge);
    expectRefused(await exchange(formFor(code, verifier, { client_id: 'somebody' })), 'invalid_client');
    expect((await exchange(formFor(code, verifier))).status).toBe(200);
  });

  test('that is too old is refused', async () => {
    const { verifier, challenge } = setup();
    const young = await allowed(ada, challenge);
    api.advance(authorizationCodeMs - 1);
    expect((await exchange(formFor(young, verifier))).status).toBe(200);
    const old = await allowed(ada, challenge);
    api.advance(authorizationCodeMs);
    expectRefused(await exchange(formFor(old, verifier)));
  });

  test('of a user who is gone is refused', async () => {
    const leaver = await pageVisitor(api, 'leaver');
    const { verifier, challenge } = setup();
    const code = await allowed(leaver, challenge);
    for (const token of (await leaver.get(`/users/${leaver.id}/authentication-tokens`)).list()) {
      await leaver.delete(`/authentication-tokens/${token.id}`);
    }
    api.database.delete(webSessions).where(eq(webSessions.userId, leaver.id)).run();
    api.database.delete(users).where(eq(users.id, leaver.id)).run();
    expectRefused(await exchange(formFor(code, verifier)));
  });

  test('that nobody gave, or an API token in its place, is refused', async () => {
    for (const code of [`ghc_${'a'.repeat(43)}`, ada.token, '']) {
      expectRefused(await exchange(formFor(code, setup().verifier)));
    }
  });

  test('is no API token itself', async () => {
    const code = await allowed(ada, setup().challenge);
    expect((await api.as({ token: code }).get('/account/details')).status).toBe(401);
  });

  test('is forgotten a day after its end', async () => {
    const count = () => api.database.select().from(authorizationCodes).all().length;
    const blobs = { delete: async () => undefined };
    await allowed(ada, setup().challenge);
    await prune({ ...api, blobs });
    expect(count()).toBeGreaterThan(0);
    api.advance(24 * 3_600_000 + authorizationCodeMs + 1);
    await prune({ ...api, blobs });
    expect(count()).toBe(0);
    ada = await pageVisitor(api, 'ada-a-day-later');
  });
});

describe('the exchange', () => {
  const good = formFor('c', 'v'.repeat(43));
  const unusable: [string, Record<string, string> | string, string][] = [
    ['without a code', new URLSearchParams(good).toString().replace('code=c&', ''), 'invalid_request'],
    ['of another grant', { ...good, grant_type: 'password' }, 'unsupported_grant_type'],
    ['without anything', '', 'invalid_request'],
    ['with a code given twice', `${new URLSearchParams(good)}&code=other`, 'invalid_request'],
    ['with an endless code', { ...good, code: 'x'.repeat(3000) }, 'invalid_request'],
    ['that is larger than any', { ...good, code: 'x'.repeat(20_000) }, 'invalid_request'],
  ];
  test.each(unusable)('%s is refused in OAuth’s own form', async (_what, form, error) => {
    expectRefused(await exchange(form), error);
  });

  test('as JSON is refused', async () => {
    expectRefused(await exchange(JSON.stringify(good), 'application/json'), 'invalid_request');
  });

  test('is limited for each address', async () => {
    const again = () =>
      api.ask({
        method: 'POST',
        url: '/oauth/token',
        remoteAddress: '192.0.2.7',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(good).toString(),
      });
    for (let count = 0; count < 60; count++) expect((await again()).status).toBe(400);
    const answer = await again();
    expect(answer.status).toBe(429);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'temporarily_unavailable' });
  });
});

describe('to allow it', () => {
  const { challenge } = setup();

  test('an API token does not do', async () => {
    const answer = await api.as(ada).post('/oauth/authorizations', attributesFor(challenge));
    expect(answer.errors()[0]).toMatchObject({ code: 'forbidden' });
  });

  test('nobody who is signed out does', async () => {
    const payload = { data: { attributes: attributesFor(challenge) } };
    expect((await api.ask({ method: 'POST', url: '/api/v2/oauth/authorizations', payload })).status).toBe(401);
  });

  test('another site cannot do it with the cookie of the person', async () => {
    for (const origin of ['https://evil.example', 'http://localhost:10003', 'null', undefined]) {
      const answer = await api.ask({
        method: 'POST',
        url: '/api/v2/oauth/authorizations',
        headers: { cookie: ada.cookie, ...(origin === undefined ? {} : { origin }) },
        payload: { data: { attributes: attributesFor(challenge) } },
      });
      expect(answer.errors()[0]?.code).toBe('forbidden');
    }
  });

  const foreign: [string, object][] = [
    ['another address', { 'redirect-uri': 'https://evil.example/login' }],
    ['a plain challenge', { 'code-challenge-method': 'plain' }],
    ['no method', { 'code-challenge-method': undefined }],
    ['another client', { 'client-id': 'somebody' }],
    ['the implicit grant', { 'response-type': 'token' }],
    ['no state', { state: undefined }],
  ];
  test.each(foreign)('with %s makes no code', async (_what, more) => {
    const before = api.database.select().from(authorizationCodes).all().length;
    const answer = await ada.post('/oauth/authorizations', { data: { attributes: attributesFor(challenge, more) } });
    expect(answer.errors()[0]).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringMatching(/^This is no terraform login: /),
    });
    expect(api.database.select().from(authorizationCodes).all()).toHaveLength(before);
  });
});
