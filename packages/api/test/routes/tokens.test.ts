import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  bob = await api.person('bob');
});
afterAll(() => api.close());

async function setup(attributes: object = {}) {
  const answer = await api.as(ada).post(`/users/${ada.id}/authentication-tokens`, { description: 'ci', ...attributes });
  return { answer, id: answer.data().id, token: String(answer.data().attributes['token']) };
}

test('a token is shown once, works, and is stored as a hash only', async () => {
  const { id, token } = await setup();
  expect(token).toMatch(/^gh_[\w-]{43}$/);
  expect((await api.as({ token }).get('/account/details')).data().id).toBe(ada.id);
  for (const path of [`/authentication-tokens/${id}`, `/users/${ada.id}/authentication-tokens`]) {
    const answer = await api.as(ada).get(path);
    expect(answer.text).toContain(id);
    expect(answer.text).not.toContain(token);
  }
  const stored = ['', '-wal'].map((end) => readFileSync(`${api.databaseFile}${end}`).toString('latin1')).join();
  expect(stored).toContain(id);
  expect(stored).not.toContain(token);
  expect(api.logLines.join()).not.toContain(token);
});

test('says whose it is, who is who made it', async () => {
  const { answer, id } = await setup();
  const made = { 'created-by': { data: { id: ada.id, type: 'users' } } };
  expect(answer.data().relationships).toEqual(made);
  expect((await api.as(ada).get(`/authentication-tokens/${id}`)).data().relationships).toEqual(made);
});

test('its last use is noted', async () => {
  const { id, token } = await setup();
  expect((await api.as(ada).get(`/authentication-tokens/${id}`)).data().attributes['last-used-at']).toBeNull();
  await api.as({ token }).get('/account/details');
  const used = (await api.as(ada).get(`/authentication-tokens/${id}`)).data().attributes['last-used-at'];
  expect(used).toBe(api.clock.now().toISOString());
});

test('a revoked token is refused', async () => {
  const { id, token } = await setup();
  expect((await api.as(ada).delete(`/authentication-tokens/${id}`)).status).toBe(204);
  const answer = await api.as({ token }).get('/account/details');
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
});

test('an expired token is refused and says when it ended', async () => {
  const expiry = new Date(api.clock.now().getTime() + 60_000).toISOString();
  const { token } = await setup({ 'expired-at': expiry });
  expect((await api.as({ token }).get('/account/details')).status).toBe(200);
  api.advance(60_000);
  const [error] = (await api.as({ token }).get('/account/details')).errors();
  expect(error).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining(expiry) });
});

test('an expiry in the past is refused', async () => {
  const attributes = { description: 'x', 'expired-at': '2020-01-01T00:00:00Z' };
  const answer = await api.as(ada).post(`/users/${ada.id}/authentication-tokens`, attributes);
  expect(answer.errors()[0]?.source).toEqual({ pointer: '/data/attributes/expired-at' });
});

describe('the tokens of somebody else', () => {
  test('are not found', async () => {
    const { id, token } = await setup();
    const answers = [
      await api.as(bob).get(`/authentication-tokens/${id}`),
      await api.as(bob).delete(`/authentication-tokens/${id}`),
      await api.as(bob).get(`/users/${ada.id}/authentication-tokens`),
      await api.as(bob).post(`/users/${ada.id}/authentication-tokens`, { description: 'mine' }),
    ];
    for (const answer of answers) expect(answer.status).toBe(404);
    expect((await api.as({ token }).get('/account/details')).status).toBe(200);
  });
});

const credentials: [string, Record<string, string>][] = [
  ['no credential', {}],
  ['a token nobody has', { authorization: `Bearer gh_${'a'.repeat(43)}` }],
  ['another scheme', { authorization: 'Basic YTpi' }],
  ['an empty token', { authorization: 'Bearer ' }],
  ['a cookie nobody has', { cookie: 'gatehouse=ghs_x' }],
];

test.each(credentials)('%s is answered with 401', async (_what, headers) => {
  const answer = await api.ask({ url: '/api/v2/account/details', headers });
  expect(answer.status).toBe(401);
  expect(answer.errors()[0]?.code).toBe('unauthorized');
});
