import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { authenticateRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gatehouse, startGatehouse } from './stack.ts';

// A hostile configuration is applied with a session; then everything that Gatehouse keeps is searched for what it must
// not hold (M10).

const hostileConfiguration = fileURLToPath(new URL('hostile-configuration', import.meta.url));

let gatehouse: Gatehouse;
let log = '';
const codes: string[] = [];
/** Every file of the data folder but the stack's own secrets, after the end: Redis's command log, SQLite, blobs, logs. */
let kept: { name: string; bytes: Buffer }[] = [];

beforeAll(async () => {
  gatehouse = await startGatehouse();
  const { api, stack, workspace, setVariable, queueRun, freshCode } = gatehouse;
  const { dataDirectory, dev } = stack;
  const id = await workspace('attacked', { 'mfa-level': 'plans_and_applies' });
  const database = (await filesIn(path.join(dataDirectory, 'api'))).filter((file) => /\.(db|sqlite3?)$/.test(file));
  expect(database).not.toEqual([]);
  const files = [...database, path.join(dataDirectory, 'dev.json'), path.join(dataDirectory, 'secrets/sealing-key')];
  await setVariable(id, 'HOST_FILES', [...files, '/etc/shadow'].join(' '));
  await setVariable(id, 'HOST_FOLDER', dataDirectory);
  await setVariable(id, 'HOST_SOCKET', dev.redisUrl.replace('unix://', ''));
  await setVariable(id, 'API_PORT', new URL(dev.url).port);
  const run = await queueRun(id, hostileConfiguration);
  for (const status of ['planned', 'applied']) {
    const code = await freshCode();
    codes.push(code);
    await authenticateRun(api, run.id, code);
    await waitForRun(api, run.id, [status]);
  }
  log = await gatehouse.log(run, 'apply');
  await stack.stop();
  const names = (await filesIn(dataDirectory)).filter((file) => !file.startsWith(path.join(dataDirectory, 'secrets')));
  kept = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(name) })));
});
afterAll(() => gatehouse.stop());

/** What the script said under a name; terraform puts the resource in front of each line. */
function said(name: string): string {
  const line = log.split('\n').find((candidate) => candidate.includes(`(local-exec): ${name}: `));
  if (line === undefined) throw new Error(`The attack did not get to "${name}":\n${log}`);
  return line.slice(line.indexOf(`${name}: `) + name.length + 2).trim();
}

describe('from inside a run', () => {
  test('the environment holds its own variables and the way to its session, and no key', () => {
    const names = [...said('environment').matchAll(/(?:^| )([A-Z_a-z]\w*)=/g)].map((match) => match[1]);
    expect(names).toContain('HOST_FOLDER');
    expect(names).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI');
    expect(names).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(names).not.toContain('AWS_ACCESS_KEY_ID');
    expect(names.filter((name) => name?.startsWith('GATEHOUSE_') || name === 'REDIS_URL')).toEqual([]);
  });

  test('the process above it tells nothing of the worker', () => {
    for (const place of ['environment-of-1', 'command-line-of-1']) {
      expect(said(place)).not.toMatch(/GATEHOUSE_|REDIS|token|sealing/);
    }
  });

  test.each(['connection-to-api', 'connection-to-redis', 'connection-to-metadata'])('%s: there is none', (name) => {
    expect(said(name)).toBe('closed');
  });

  test.each(['proxy-to-api', 'proxy-to-metadata', 'proxy-to-localhost'])('%s: it is refused', (name) => {
    expect(said(name)).toMatch(/^HTTP\/1\.[01] 403/);
  });

  test('the log names the destinations that were refused', () => {
    expect(log).toMatch(/169\.254\.169\.254/);
  });

  test('no file of the host can be read, and Redis cannot be reached by its socket', () => {
    const reads = log.split('\n').filter((line) => line.includes('(local-exec): file /'));
    expect(reads.length).toBeGreaterThanOrEqual(4);
    for (const line of reads) expect(line).toMatch(/: refused *$/);
    expect(said('folder')).toMatch(/No such file|cannot access/);
    expect(said('redis-socket')).not.toContain('PONG');
  });

  test('its session is served to it, and masked in its log', () => {
    expect(said('moved-SecretAccessKey').length).toBeGreaterThan(20);
    expect(said('clear-session')).not.toContain(sessionSecret());
    expect(said('clear-session')).not.toBe('');
  });
});

describe('in all that is kept', () => {
  test('the search finds what is there', () => {
    expect(filesWith('attacked').length).toBeGreaterThan(0);
    expect(kept.some(({ name }) => name.includes('appendonly'))).toBe(true);
    expect(filesWith('gate').some((name) => name.includes('appendonly'))).toBe(true);
  });

  test.each<[string, () => string]>([
    ['the long-lived secret key', () => gatehouse.stack.dev.secretAccessKey],
    ["the session's secret key", sessionSecret],
    ["the session's token", () => movedBack(said('moved-Token'))],
    ["the MFA device's secret", () => gatehouse.stack.dev.mfaSecret],
    ["the worker's token", () => gatehouse.stack.dev.workerToken],
    ['the API token', () => gatehouse.stack.dev.token],
    ['the password', () => gatehouse.stack.dev.password],
  ])('%s is nowhere in clear', (_what, secret) => {
    expect(secret().length).toBeGreaterThan(10);
    expect(filesWith(secret())).toEqual([]);
    expect(filesWith(Buffer.from(secret()).toString('base64').replace(/=+$/, ''))).toEqual([]);
    expect(log).not.toContain(secret());
  });

  test('the codes are nowhere', () => {
    expect(codes).toHaveLength(2);
    for (const code of codes) {
      // Six digits alone, not part of an offset, a time or an id.
      const alone = new RegExp(`(?<![0-9A-Za-z.])${code}(?![0-9A-Za-z])`);
      expect(kept.filter(({ bytes }) => alone.test(bytes.toString('latin1'))).map(({ name }) => name)).toEqual([]);
      expect(log).not.toMatch(alone);
    }
  });
});

function filesWith(text: string): string[] {
  return kept.filter(({ bytes }) => bytes.includes(text)).map(({ name }) => name);
}

function sessionSecret(): string {
  return movedBack(said('moved-SecretAccessKey'));
}

/** The script has moved every letter and digit on by one. */
function movedBack(text: string): string {
  const alphabets = ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz', '0123456789'];
  return text.replace(/[A-Za-z0-9]/g, (character) => {
    const alphabet = alphabets.find((candidate) => candidate.includes(character)) ?? '';
    return alphabet.at(alphabet.indexOf(character) - 1) ?? '';
  });
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
