import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../shared/test/private-redis.ts';
import { makePrivateCa } from './private-ca.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());

const children: ChildProcess[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function setup() {
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-main-'));
  directories.push(directory);
  const port = await freePort();
  const token = randomBytes(32).toString('base64url');
  const bootstrap = path.join(directory, 'bootstrap.json');
  await writeFile(bootstrap, JSON.stringify({ username: 'root', password: 'first password', token }));
  const environment = {
    GATEHOUSE_SEALING_KEY: randomBytes(32).toString('base64url'),
    GATEHOUSE_WORKER_TOKEN: randomBytes(32).toString('base64url'),
    GATEHOUSE_PORT: String(port),
    GATEHOUSE_DATA_DIR: path.join(directory, 'data'),
    GATEHOUSE_BOOTSTRAP_FILE: bootstrap,
    REDIS_URL: redis.address,
  };
  const url = `http://127.0.0.1:${port}`;
  const whoAmI = async () => {
    const answer = await fetch(`${url}/api/v2/account/details`, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, text: await answer.text() };
  };
  return { directory, environment, token, url, whoAmI };
}

/** Resolves when it listens, or has ended. */
async function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=gatehouse-source', main], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  const awaited: { words: string; resolve(): void }[] = [];
  const heard = (text: string) => {
    output += text;
    for (const { words, resolve } of awaited) if (output.includes(words)) resolve();
  };
  child.stderr.on('data', (chunk: Buffer) => heard(chunk.toString()));
  const ended = once(child, 'close');
  const listening = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard(`${line}\n`);
      if (line.includes('Server listening')) resolve();
    });
  });
  await Promise.race([listening, ended]);
  const says = (words: string) =>
    new Promise<void>((resolve) => {
      awaited.push({ words, resolve });
      heard('');
    });
  return { child, ended, output: () => output, says };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('it starts, makes its first admin once, and ends cleanly at SIGTERM', async () => {
  const { environment, token, whoAmI } = await setup();
  const first = await start(environment);
  expect(await whoAmI()).toMatchObject({ status: 200, text: expect.stringContaining('"is-site-admin":true') });
  first.child.kill('SIGTERM');
  expect(await first.ended).toEqual([0, null]);

  const second = await start(environment);
  expect((await whoAmI()).status).toBe(200);
  second.child.kill('SIGINT');
  expect(await second.ended).toEqual([0, null]);
  const logs = first.output() + second.output();
  expect(logs.match(/made the first site admin/g)).toHaveLength(1);
  for (const secret of [
    token,
    'first password',
    environment.GATEHOUSE_SEALING_KEY,
    environment.GATEHOUSE_WORKER_TOKEN,
  ]) {
    expect(logs).not.toContain(secret);
    expect((await readFile(path.join(environment.GATEHOUSE_DATA_DIR, 'gatehouse.db'))).includes(secret)).toBe(false);
  }
});

test('with a certificate it listens with HTTPS, and SIGHUP takes a renewed one up without a break', async () => {
  const { directory, environment, url } = await setup();
  const { certFile, keyFile, caFile, sign } = await makePrivateCa(directory);
  const ca = await readFile(caFile);
  const { child, says, output } = await start({
    ...environment,
    GATEHOUSE_TLS_CERT_FILE: certFile,
    GATEHOUSE_TLS_KEY_FILE: keyFile,
  });
  /** The name on the certificate that is shown, and what is answered. */
  const ask = (path: string) =>
    new Promise<{ name: string; text: string }>((resolve, reject) => {
      const asked = request(`${url.replace('http:', 'https:')}${path}`, { ca, agent: false }, (answer) => {
        // A request over https has such a socket.
        const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
        let text = '';
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        answer.on('end', () => resolve({ name: String(subject.CN), text }));
      });
      asked.on('error', reject).end();
    });
  expect(await ask('/healthz')).toMatchObject({ name: 'localhost' });
  expect((await ask('/api/v2/openapi.json')).text).toContain(`"url":"${url.replace('http:', 'https:')}"`);

  const renewed = await sign('renewed');
  await copyFile(renewed.certFile, certFile);
  child.kill('SIGHUP');
  await says('the TLS files stay as they were');
  expect(output()).toContain(`${keyFile} is not the key`);
  expect(await ask('/healthz')).toMatchObject({ name: 'localhost' });

  await copyFile(renewed.keyFile, keyFile);
  child.kill('SIGHUP');
  await says('took up the TLS files anew');
  expect(await ask('/healthz')).toMatchObject({ name: 'renewed' });
  expect(output()).not.toContain('PRIVATE KEY');
});

const unusable: [string, Record<string, string>, RegExp][] = [
  ['a short worker token', { GATEHOUSE_WORKER_TOKEN: 'short' }, /GATEHOUSE_WORKER_TOKEN/],
  ['a sealing key that is none', { GATEHOUSE_SEALING_KEY: 'c2hvcnQ' }, /32 bytes/],
  ['a port that is none', { GATEHOUSE_PORT: 'http' }, /GATEHOUSE_PORT/],
  ['a certificate without its key', { GATEHOUSE_TLS_CERT_FILE: '/c.pem' }, /Set GATEHOUSE_TLS_KEY_FILE too/],
  [
    'a certificate that is not there',
    { GATEHOUSE_TLS_CERT_FILE: '/nonexistent/c.pem', GATEHOUSE_TLS_KEY_FILE: '/nonexistent/k.pem' },
    /GATEHOUSE_TLS_CERT_FILE cannot be read: \/nonexistent\/c.pem/,
  ],
  [
    'a certificate that is none',
    { GATEHOUSE_TLS_CERT_FILE: main, GATEHOUSE_TLS_KEY_FILE: main },
    /GATEHOUSE_TLS_CERT_FILE .*main.ts holds no PEM certificate/,
  ],
  ['a bootstrap file that is not there', { GATEHOUSE_BOOTSTRAP_FILE: '/nonexistent' }, /GATEHOUSE_BOOTSTRAP_FILE/],
];
test.each(unusable)('with %s it does not start, and says why', async (_what, more, why) => {
  const { environment } = await setup();
  const { ended, output } = await start({ ...environment, ...more });
  expect((await ended)[0]).not.toBe(0);
  expect(output()).toMatch(why);
});
