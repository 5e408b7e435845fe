import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { document } from '@gatehouse/dev/api-client';
import { freePort } from '@gatehouse/dev/free-port';
import { waitForRun } from '@gatehouse/dev/run-client';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Gatehouse, smallConfiguration, startGatehouse } from '../../e2e/stack.ts';
import { row } from '../../suites/row.ts';
import { search } from './search.ts';

// What libraries put into their errors: the command that Redis refused, the request that was none.

const redisPassword = `kestrel-${randomBytes(12).toString('hex')}`;
const clientToken = `kestrel-${randomBytes(12).toString('hex')}`;
let gatehouse: Gatehouse;
let stopRedis: () => Promise<void>;
let admin: Redis;
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-canaries-'));
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--requirepass', redisPassword];
  const child = execa('redis-server', settings, { cwd: folder, reject: false });
  admin = new Redis({ port, password: redisPassword, retryStrategy: () => 100, maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  await admin.ping();
  stopRedis = async () => {
    admin.disconnect();
    child.kill('SIGKILL');
    await child;
    await rm(folder, { recursive: true, force: true });
  };
  const settingsOfBoth = {
    REDIS_URL: `redis://:${redisPassword}@127.0.0.1:${port}`,
    GATEHOUSE_LOG_LEVEL: 'trace',
  };
  gatehouse = await startGatehouse({ apiEnvironment: settingsOfBoth, workerEnvironment: settingsOfBoth });
});
afterAll(async () => {
  await gatehouse?.stop();
  await stopRedis?.();
});

async function logs() {
  const { api, workers } = gatehouse.stack.services;
  const files = [api, ...workers].map(({ logFile }) => logFile);
  return Promise.all(files.map(async (name) => ({ place: 'logs', name, bytes: await readFile(name) })));
}

row(
  {
    area: 'Secrets: errors',
    harm: "Redis's password is changed under api and worker",
    when: 'with log level trace',
    holds: 'their logs say that Redis refuses them and hold the password in no form; given it back, runs go on',
  },
  async () => {
    await admin.config('SET', 'requirepass', 'another one');
    try {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      for (const name of ['api', 'worker']) {
        await expect
          .poll(() => gatehouse.warnings, { timeout: 60_000 })
          .toContainEqual(expect.stringMatching(new RegExp(`^${name}: .*WRONGPASS`)));
      }
    } finally {
      await admin.config('SET', 'requirepass', redisPassword);
    }
    const isReady = async () => (await fetch(urlOf('/readyz'))).status;
    await expect.poll(isReady, { timeout: 60_000 }).toBe(200);
    const id = await gatehouse.workspace('afterwards', { 'mfa-level': 'never', 'auto-apply': true });
    const run = await gatehouse.queueRun(id, smallConfiguration);
    await waitForRun(gatehouse.api, run.id, ['applied']);
    expect(search('WRONGPASS', await logs()).length).toBeGreaterThan(0);
    expect(search(redisPassword, await logs())).toEqual([]);
  },
);

for (const [what, broken] of [
  ['a header that is none', 'Broken Header\x00: 1\r\n\r\n'],
  ['more headers than are read', `X: ${'x'.repeat(40_000)}\r\n\r\n`],
] as const) {
  row(
    {
      area: 'Secrets: errors',
      harm: `a request with a token and with ${what}`,
      when: 'with log level trace',
      holds: 'it is refused, and the log holds the token in no form',
    },
    async () => {
      const { hostname, port } = new URL(gatehouse.stack.url);
      const socket = createConnection(Number(port), hostname);
      socket.write(`GET /api/v2/ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${clientToken}\r\n${broken}`);
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      await once(socket, 'close');
      expect(answer).toMatch(/^HTTP\/1.1 4(00|31) /);
      expect(answer).not.toContain(clientToken);
      // Its line, if there is one, stands before that of a later request.
      const later = (await fetch(urlOf('/api/v2/ping'))).headers.get('x-request-id') ?? '';
      await expect.poll(apiLog, { timeout: 10_000 }).toContain(later);
      expect(search(clientToken, await logs())).toEqual([]);
    },
  );
}

async function apiLog(): Promise<string> {
  return readFile(gatehouse.stack.services.api.logFile, 'utf8');
}

row(
  {
    area: 'Secrets: answers',
    harm: 'answers that hold tokens, variables, errors, or nothing at all are looked at by a browser or a proxy',
    holds: 'each says that nobody may keep it, guess what it is, or frame it',
  },
  async () => {
    const { organization, token } = gatehouse.stack.dev;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/vnd.api+json' };
    const paths = ['/%zz', '/api/v2/ping', '/api/v2/account/details', '/api/v2/runs/run-none', '/nothing', '/healthz'];
    const asked = [...paths, `/api/v2/organizations/${organization}/vars`].map((at) => fetch(urlOf(at), { headers }));
    const made = fetch(urlOf(`/api/v2/organizations/${organization}/authentication-token`), {
      method: 'POST',
      headers,
      body: JSON.stringify(document('authentication-tokens', {})),
    });
    const anonymous = fetch(urlOf('/api/v2/account/details'));
    const [created, ...others] = await Promise.all([made, ...asked, anonymous]);
    expect(created.status).toBe(201);
    for (const answer of [created, ...others]) {
      expect(Object.fromEntries(answer.headers), answer.url).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
    }
  },
);

function urlOf(pathname: string): string {
  return `${gatehouse.stack.url}${pathname}`;
}
