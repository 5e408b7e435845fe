import { createServer } from 'node:http';
import { Secret } from '@gatehouse/shared/secret';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { LiveSession } from '../../src/phases/live-session.ts';
import { StopSignal } from '../../src/phases/stop-signal.ts';
import { type CredentialSource, credentialEndpoint } from '../../src/sandbox/credential-endpoint.ts';
import { closable, listenOnLoopback } from '../../src/sandbox/listen.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

const session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: new Secret('the-secret'),
  sessionToken: new Secret('the-session-token'),
  expiresAt: new Date('2030-01-02T03:04:05.678Z'),
};

async function setup(current: CredentialSource['current'] = async () => session) {
  const server = createServer(credentialEndpoint({ current }, 'right-token'));
  cleanUp.push(closable(server));
  const port = await listenOnLoopback(server, 0);
  return async (options: { token?: string; path?: string; method?: string } = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${options.path ?? '/credentials'}`, {
      method: options.method ?? 'GET',
      headers: { authorization: options.token ?? 'right-token' },
    });
    return { status: response.status, body: await response.text(), headers: response.headers };
  };
}

test('with the token of the run it serves the session with its true expiry, never to be stored', async () => {
  const get = await setup();
  const { status, body, headers } = await get();
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(JSON.parse(body)).toEqual({
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 'the-secret',
    Token: 'the-session-token',
    Expiration: '2030-01-02T03:04:05Z',
  });
});

test.each([[''], ['wrong-token'], ['right-token '.repeat(2)], ['Bearer right-token']])(
  'the token %j is refused and nothing is told',
  async (token) => {
    const get = await setup();
    const { status, body } = await get({ token });
    expect(status).toBe(401);
    expect(body).not.toContain('the-secret');
  },
);

test('a later session is served when it is asked again', async () => {
  let now = session;
  const get = await setup(async () => now);
  await get();
  now = { ...session, accessKeyId: 'ASIALATER' };
  expect((await get()).body).toContain('ASIALATER');
});

test('a session that was revoked is served no more', async () => {
  const stop = new StopSignal(60_000);
  const live = new LiveSession({
    claim: { runId: 'run-1', phase: 'apply', claimId: 'claim-1', extendBeforeMs: 600_000 },
    marginMs: 120_000,
    stop,
    log: { say: () => {}, mask: () => {} },
    logger: pino({ level: 'silent' }),
    report: async () => {},
    next: { by: 'nothing' },
  });
  live.adopt({ session });
  const get = await setup(() => live.current());
  expect(await get()).toMatchObject({ status: 200, body: expect.stringContaining('ASIAEXAMPLE') });
  stop.request('session_revoked', 'interrupt');
  const { status, body } = await get();
  expect([status, body]).toEqual([404, expect.stringContaining('NoSession')]);
  expect(body).not.toContain('ASIAEXAMPLE');
  stop.release();
});

test('without a session it answers 404, which SDKs take as final', async () => {
  const get = await setup(async () => undefined);
  expect(await get()).toMatchObject({ status: 404, body: expect.stringContaining('NoSession') });
});

test('when the session cannot be read it answers 503, which SDKs try again, and tells no cause', async () => {
  const get = await setup(async () => {
    throw new Error('redis at secret-host');
  });
  const { status, body } = await get();
  expect(status).toBe(503);
  expect(body).not.toContain('secret-host');
});

test('keys without token or expiry keep the shape that every SDK reads', async () => {
  const get = await setup(async () => ({ ...session, sessionToken: undefined, expiresAt: undefined }));
  expect(JSON.parse((await get()).body)).toMatchObject({
    Token: '',
    Expiration: expect.stringMatching(/^20\d\d-.*Z$/),
  });
});

test('only GET of /credentials is answered', async () => {
  const get = await setup();
  expect((await get({ path: '/other' })).status).toBe(404);
  expect((await get({ method: 'POST' })).status).toBe(405);
});
