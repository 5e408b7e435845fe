import { request } from 'node:http';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { FaultInput } from '@gatehouse/sts-emulator/state/faults';
import { describe, expect, test } from 'vitest';
import { control, refusal, startEmulator } from '../start-emulator.ts';

async function setup(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator(options);
  const call = (method: string, path: string, body?: unknown) => control(emulator.url, method, path, body);
  const fault = (body: FaultInput) => call('POST', '/faults', body);
  const whoAmI = (client = emulator.client()) => client.send(new GetCallerIdentityCommand({}));
  return { ...emulator, call, fault, whoAmI };
}

describe('faults', () => {
  test('a server error is AWS’s, as often as asked', async () => {
    const { fault, whoAmI, call } = await setup();
    expect((await fault({ kind: 'server_error', times: 2 })).status).toBe(201);
    for (let count = 0; count < 2; count += 1) {
      expect(await refusal(whoAmI())).toMatchObject({ code: 'InternalFailure', status: 500 });
    }
    await expect(whoAmI()).resolves.toBeDefined();
    expect((await call('GET', '/faults')).body).toEqual({ faults: [] });
  });

  test('throttling is AWS’s, and an SDK that may retry gets over it', async () => {
    const { fault, whoAmI, url, userKeys } = await setup();
    await fault({ kind: 'throttle', times: 2 });
    expect(await refusal(whoAmI())).toMatchObject({ code: 'Throttling', message: 'Rate exceeded', status: 400 });
    const patient = new STSClient({ endpoint: url, region: 'eu-central-1', credentials: userKeys, maxAttempts: 3 });
    await expect(whoAmI(patient)).resolves.toBeDefined();
  });

  test('a refused connection is no answer at all', async () => {
    const { fault, whoAmI } = await setup();
    await fault({ kind: 'refuse_connection', times: 1 });
    await expect(whoAmI()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('garbage is not XML', async () => {
    const { fault, whoAmI } = await setup();
    await fault({ kind: 'garbage', times: 1 });
    await expect(whoAmI()).rejects.toThrow();
  });

  test('a delay holds the answer back, also of many calls at once', async () => {
    const { fault, whoAmI } = await setup();
    await fault({ kind: 'delay', ms: 200 });
    const before = performance.now();
    await Promise.all(Array.from({ length: 20 }, () => whoAmI()));
    expect(performance.now() - before).toBeGreaterThanOrEqual(195);
  });

  test('an emulator that closes does not wait for its delays', async () => {
    const { fault, whoAmI, app, state } = await setup();
    await fault({ kind: 'delay', ms: 600_000 });
    const arrived = new Promise<void>((resolve) => app.server.once('request', () => resolve()));
    const pending = whoAmI().catch(() => 'cut');
    await arrived;
    await app.close();
    expect(await pending).toBe('cut');
    expect(state.closing.aborted).toBe(true);
  });

  test('a wrong clock of the server refuses signatures; its date tells an SDK to try again', async () => {
    const { fault, whoAmI, url, userKeys, call } = await setup();
    await fault({ kind: 'wrong_clock' });
    expect(await refusal(whoAmI())).toMatchObject({
      code: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: /),
    });
    const adapting = new STSClient({ endpoint: url, region: 'eu-central-1', credentials: userKeys, maxAttempts: 2 });
    await expect(whoAmI(adapting)).resolves.toBeDefined();
    await call('DELETE', '/faults');
    await fault({ kind: 'wrong_clock', ms: -1_200_000, times: 1 });
    expect(await refusal(whoAmI())).toMatchObject({ message: expect.stringMatching(/^Signature not yet current: /) });
  });

  test('a fault after the call spends the code although the client learns nothing', async () => {
    const { fault, client, mfa, state } = await setup();
    const input = mfa();
    const { body } = await fault({ kind: 'refuse_connection', when: 'after', action: 'GetSessionToken', times: 1 });
    expect(body).toMatchObject({ id: 1, when: 'after' });
    await expect(client().send(new GetSessionTokenCommand(input))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(state.sessions.size).toBe(1);
    expect(await refusal(client().send(new GetSessionTokenCommand(input)))).toMatchObject({ code: 'AccessDenied' });
    expect(state.journal.entries).toMatchObject([
      { outcome: 'ok', faults: ['refuse_connection'] },
      { outcome: 'AccessDenied', reason: 'code_reused', faults: [] },
    ]);
  });

  test('a fault of one action leaves the others alone, and can be taken back', async () => {
    const { fault, whoAmI, sessionKeys, call } = await setup();
    const { body } = await fault({ kind: 'server_error', action: 'GetSessionToken' });
    await expect(whoAmI()).resolves.toBeDefined();
    await expect(sessionKeys()).rejects.toThrow('internal error');
    expect((await call('DELETE', `/faults/${body.id}`)).status).toBe(204);
    await expect(sessionKeys()).resolves.toBeDefined();
  });

  test.each([{}, { kind: 'flood' }, { kind: 'delay', ms: 'long' }, { kind: 'delay', times: 0 }])(
    'a fault that makes no sense is refused: %o',
    async (body) => {
      const { call } = await setup();
      expect((await call('POST', '/faults', body)).status).toBe(422);
    },
  );
});

describe('journal and sessions', () => {
  test('calls are told in order, with what they made, and never a secret', async () => {
    const { call, sessionKeys, mfa, userKeys, mfaSecret, code } = await setup();
    const input = mfa();
    const session = await sessionKeys(input);
    await refusal(sessionKeys({ ...input }));
    const journal = (await call('GET', '/journal?action=GetSessionToken')).body;
    expect(journal.calls).toMatchObject([
      {
        outcome: 'ok',
        accessKeyId: session.accessKeyId,
        callerAccessKeyId: userKeys.accessKeyId,
        serial: input.SerialNumber,
      },
      { outcome: 'AccessDenied', reason: 'code_reused', accessKeyId: null },
    ]);
    const everything = await Promise.all(
      [
        '/journal',
        '/sessions',
        `/sessions/${session.accessKeyId}`,
        '/users',
        '/devices',
        '/roles',
        '/faults',
        '/health',
      ].map(async (path) => JSON.stringify((await call('GET', path)).body)),
    );
    const secrets = [userKeys.secretAccessKey, session.secretAccessKey, session.sessionToken, mfaSecret];
    for (const secret of [...secrets, `"${input.TokenCode}"`, `"${code()}"`]) {
      expect(everything.join('\n')).not.toContain(secret);
    }
    await call('DELETE', '/journal');
    expect((await call('GET', '/journal')).body).toEqual({ calls: [] });
  });

  test('a session can be looked up and ended by its key id', async () => {
    const { call, roleKeys, client, openRoleArn, userKeys } = await setup();
    const keys = await roleKeys();
    expect((await call('GET', `/sessions/${keys.accessKeyId}`)).body).toMatchObject({
      kind: 'role',
      roleArn: openRoleArn,
      issuedTo: userKeys.accessKeyId,
      durationSeconds: 3600,
    });
    expect((await call('GET', '/sessions')).body.sessions).toHaveLength(1);
    await call('POST', `/sessions/${keys.accessKeyId}/expire`);
    expect(await refusal(client(keys).send(new GetCallerIdentityCommand({})))).toMatchObject({ code: 'ExpiredToken' });
    expect((await call('GET', '/sessions/ASIANOBODY')).status).toBe(404);
  });

  test('sessions may be made to last as long as a test wants, whatever is asked for', async () => {
    const { call, sessionKeys } = await setup();
    expect((await call('PUT', '/session-seconds', { seconds: 5 })).body).toEqual({ seconds: 5 });
    const lifeOf = async ({ accessKeyId }: { accessKeyId: string }) => {
      const { body } = await call('GET', `/sessions/${accessKeyId}`);
      return (Date.parse(body.expiresAt) - Date.parse(body.issuedAt)) / 1000;
    };
    expect(await lifeOf(await sessionKeys())).toBe(5);
    expect((await call('PUT', '/session-seconds', { seconds: null })).body).toEqual({ seconds: null });
    expect(await lifeOf(await sessionKeys())).toBeGreaterThanOrEqual(900);
  });

  test('a seed may allow sessions of seconds', async () => {
    const { sessionKeys, call } = await setup({ seed: (demo) => ({ ...demo, minimumSessionSeconds: 2 }) });
    const { accessKeyId } = await sessionKeys({ DurationSeconds: 2 });
    const { body } = await call('GET', `/sessions/${accessKeyId}`);
    expect(Date.parse(body.expiresAt) - Date.parse(body.issuedAt)).toBe(2000);
  });
});

describe('who may use it', () => {
  const ask = (url: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const { port, hostname } = new URL(url);
      request({ hostname, port, path: '/_emulator/health', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  test.each([
    [{}, 200],
    [{ host: 'localhost:4599' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ origin: 'https://evil.example' }, 403],
  ])('a request with the headers %o gets %i', async (headers, status) => {
    const { url } = await setup();
    expect(await ask(url, headers)).toBe(status);
  });

  test('with a control token only its holder', async () => {
    const { url } = await setup({ controlToken: 'control-token-of-the-test' });
    expect(await ask(url, {})).toBe(401);
    expect(await ask(url, { authorization: 'Bearer control-token-of-the-tesT' })).toBe(401);
    expect(await ask(url, { authorization: 'Bearer control-token-of-the-test' })).toBe(200);
  });
});
