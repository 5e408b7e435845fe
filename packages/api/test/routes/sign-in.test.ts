import { readFileSync } from 'node:fs';
import { Secret } from '@gatehouse/shared/secret';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/domain/password-hash.ts';
import { type Answer, type RunningApi, startApi } from '../running-api.ts';

const password = 'correct horse battery';
let passwordHash: string;
beforeAll(async () => {
  passwordHash = await hashPassword(new Secret(password));
});

let api: RunningApi | undefined;
afterEach(() => api?.close());

async function setup(publicUrl?: string) {
  const running = await startApi(publicUrl === undefined ? {} : { publicUrl });
  api = running;
  const person = await running.person('ada', { passwordHash });
  const signIn = (username = 'ada', given = password) =>
    running.ask({ method: 'POST', url: '/api/v2/session', payload: { username, password: given } });
  const withCookie = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, cookie: string, more: object = {}) =>
    running.ask({ method, url: `/api/v2${path}`, headers: { cookie, ...more } });
  return { running, person, signIn, withCookie };
}

function cookieOf(answer: Answer): string {
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

test('signing in gives a cookie that scripts cannot read, and nothing of it in the answer or the log', async () => {
  const { running, signIn, withCookie } = await setup();
  const answer = await signIn();
  expect(answer.status).toBe(201);
  const header = String(answer.headers['set-cookie']);
  expect(header).toMatch(/^gatehouse=ghs_[\w-]{43};/);
  expect(header).toMatch(/HttpOnly/);
  expect(header).toMatch(/SameSite=Lax/);
  const cookie = cookieOf(answer);
  const token = cookie.slice('gatehouse='.length);
  const stored = ['', '-wal'].map((end) => readFileSync(`${running.databaseFile}${end}`).toString('latin1')).join();
  expect(stored).toContain('sess-');
  for (const place of [answer.text, stored, running.logLines.join()]) {
    expect(place).not.toContain(token);
    expect(place).not.toContain(password);
  }
  expect((await withCookie('GET', '/account/details', cookie)).data().attributes['username']).toBe('ada');
});

test('over https the cookie is bound to the host', async () => {
  const { signIn } = await setup('https://gatehouse.test');
  const header = String((await signIn()).headers['set-cookie']);
  expect(header).toMatch(/^__Host-gatehouse=/);
  expect(header).toMatch(/Secure/);
});

test('a wrong password, an unknown user and a user without a password get the same answer', async () => {
  const { running, signIn } = await setup();
  await running.person('nopass');
  const answers = [await signIn('ada', 'wrong'), await signIn('nobody'), await signIn('nopass')];
  for (const answer of answers) {
    expect(answer.status).toBe(401);
    expect(answer.errors()).toEqual(answers[0]?.errors());
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
});

test('guessing ends with 429 and the time to wait', async () => {
  const { signIn } = await setup();
  let answer = await signIn('nobody');
  for (let attempt = 0; attempt < 40 && answer.status !== 429; attempt++) answer = await signIn('nobody');
  expect(answer.status).toBe(429);
  expect(answer.errors()[0]?.code).toBe('too_many_requests');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
});

describe('a write with the cookie', () => {
  const origins: [string, string | undefined, number][] = [
    ['from the page', 'http://gatehouse.test', 204],
    ['from the host that was asked', 'http://localhost:8080', 204],
    ['from another site', 'https://evil.example', 403],
    ['from a name that only begins like ours', 'http://gatehouse.test.evil.example', 403],
    ['from a sandboxed frame', 'null', 403],
    ['without an origin', undefined, 403],
  ];
  test.each(origins)('%s', async (_where, origin, status) => {
    const { signIn, withCookie } = await setup();
    const cookie = cookieOf(await signIn());
    const headers = { host: 'localhost:8080', ...(origin === undefined ? {} : { origin }) };
    expect((await withCookie('DELETE', '/session', cookie, headers)).status).toBe(status);
  });

  test('reads need no origin', async () => {
    const { signIn, withCookie } = await setup();
    expect((await withCookie('GET', '/session', cookieOf(await signIn()))).status).toBe(200);
  });
});

describe('a sign-in ends', () => {
  const origin = { origin: 'http://gatehouse.test' };

  test('by signing out', async () => {
    const { signIn, withCookie } = await setup();
    const cookie = cookieOf(await signIn());
    await withCookie('DELETE', '/session', cookie, origin);
    expect((await withCookie('GET', '/account/details', cookie)).status).toBe(401);
  });

  test('after its twelve hours', async () => {
    const { running, signIn, withCookie } = await setup();
    const cookie = cookieOf(await signIn());
    running.advance(12 * 3_600_000);
    expect((await withCookie('GET', '/account/details', cookie)).errors()[0]?.code).toBe('unauthorized');
  });

  test('when it is revoked from another one, but not by another person', async () => {
    const { running, signIn, withCookie } = await setup();
    const [first, second] = [cookieOf(await signIn()), cookieOf(await signIn())];
    const { id } = (await withCookie('GET', '/session', second)).data();
    const other = await running.person('bob');
    expect((await running.as(other).delete(`/account/sessions/${id}`)).status).toBe(404);
    expect((await withCookie('DELETE', `/account/sessions/${id}`, first, origin)).status).toBe(204);
    expect((await withCookie('GET', '/session', second)).status).toBe(401);
    expect((await withCookie('GET', '/session', first)).status).toBe(200);
  });

  test('when the password is changed elsewhere; the one that changed it stays', async () => {
    const { running, signIn } = await setup();
    const [first, second] = [cookieOf(await signIn()), cookieOf(await signIn())];
    const change = (current: string) =>
      running.ask({
        method: 'PATCH',
        url: '/api/v2/account/password',
        headers: { cookie: first, ...origin },
        payload: { data: { attributes: { current_password: current, password: 'another long one' } } },
      });
    expect((await change('wrong')).status).toBe(422);
    expect((await change(password)).status).toBe(204);
    const read = (cookie: string) => running.ask({ url: '/api/v2/session', headers: { cookie } });
    expect((await read(first)).status).toBe(200);
    expect((await read(second)).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect((await signIn('ada', 'another long one')).status).toBe(201);
  });
});
