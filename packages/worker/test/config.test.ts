import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

const setup = (more: Record<string, string | undefined> = {}): Record<string, string | undefined> => ({
  REDIS_URL: 'redis://127.0.0.1:6379',
  GATEHOUSE_API_URL: 'http://127.0.0.1:8080/',
  GATEHOUSE_WORKER_TOKEN: 'the-worker-token',
  GATEHOUSE_SEALING_KEY: 'the-sealing-key',
  ...more,
});

test('four settings are enough; the rest has defaults', () => {
  expect(readConfig(setup())).toMatchObject({
    apiUrl: 'http://127.0.0.1:8080',
    concurrency: 2,
    sandbox: { mode: 'bubblewrap', identity: { uid: 31000, gid: 31000 }, forwards: [], egressAllow: [] },
    sts: { endpoint: undefined, region: 'us-east-1' },
  });
});

test('the secrets are taken out of the environment, and do not print', () => {
  const environment = setup();
  const config = readConfig(environment);
  expect(Object.keys(environment)).not.toContain('GATEHOUSE_WORKER_TOKEN');
  expect(Object.keys(environment)).not.toContain('GATEHOUSE_SEALING_KEY');
  expect(config.workerToken.reveal()).toBe('the-worker-token');
  expect(JSON.stringify(config)).not.toMatch(/the-worker-token|the-sealing-key/);
});

test('secrets may lie in files', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghk-'));
  const file = path.join(folder, 'key');
  await writeFile(file, 'from-a-file\n');
  const config = readConfig(setup({ GATEHOUSE_SEALING_KEY: undefined, GATEHOUSE_SEALING_KEY_FILE: file }));
  expect(config.sealingKey.reveal()).toBe('from-a-file');
  await rm(folder, { recursive: true });
});

test('forwards keep their port; lists split at commas and spaces', () => {
  const config = readConfig(
    setup({
      GATEHOUSE_SANDBOX_FORWARDS: 'sts=127.0.0.1:4599,db=db.internal:5432',
      GATEHOUSE_EGRESS_ALLOW: '10.0.0.0/8, git.internal:443',
      GATEHOUSE_SANDBOX_UID: '900:901',
    }),
  );
  expect(config.sandbox.forwards).toEqual([
    { name: 'sts', listenPort: 4599, target: { host: '127.0.0.1', port: 4599 } },
    { name: 'db', listenPort: 5432, target: { host: 'db.internal', port: 5432 } },
  ]);
  expect(config.sandbox.egressAllow).toEqual(['10.0.0.0/8', 'git.internal:443']);
  expect(config.sandbox.identity).toEqual({ uid: 900, gid: 901 });
});

describe('releases', () => {
  const url = 'https://releases.example/';

  test('are not fetched by default, whatever keys there are', () => {
    expect(readConfig(setup()).releases).toBeUndefined();
    expect(readConfig(setup({ GATEHOUSE_RELEASE_KEYS_FILE: '/keys.asc' })).releases).toBeUndefined();
  });

  test('are fetched from where it is said, and kept in the work folder', () => {
    const settings = { GATEHOUSE_TERRAFORM_RELEASES_URL: url, GATEHOUSE_RELEASE_KEYS_FILE: '/keys.asc' };
    expect(readConfig(setup({ ...settings, GATEHOUSE_WORK_DIR: '/work-dir' })).releases).toEqual({
      servers: { terraform: 'https://releases.example', tofu: undefined },
      tofuIndex: undefined,
      keysFile: '/keys.asc',
      cache: { folder: '/work-dir/releases', keep: 10 },
    });
  });

  test.each(['GATEHOUSE_TERRAFORM_RELEASES_URL', 'GATEHOUSE_TOFU_RELEASES_URL'])('%s wants keys', (name) => {
    expect(() => readConfig(setup({ [name]: url }))).toThrow('GATEHOUSE_RELEASE_KEYS_FILE is missing');
  });
});

test.each([
  ['GATEHOUSE_API_URL', 'ftp://x'],
  ['GATEHOUSE_TERRAFORM_RELEASES_URL', 'https://user:redis-password@host'],
  ['GATEHOUSE_TOFU_RELEASES_URL', 'file:///releases'],
  ['GATEHOUSE_CONCURRENCY', '0'],
  ['GATEHOUSE_SANDBOX', 'docker'],
  ['GATEHOUSE_SANDBOX_UID', '0'],
  ['GATEHOUSE_SANDBOX_FORWARDS', 'nonsense-value'],
  ['GATEHOUSE_STS_ENDPOINT', 'not-a-url'],
  ['GATEHOUSE_WORKER_TOKEN', ''],
])('a wrong %s is named, its value is not', (name, value) => {
  const read = () => readConfig(setup({ [name]: value, REDIS_URL: 'redis://user:redis-password@host' }));
  expect(read).toThrow(name);
  expect(read).not.toThrow(/redis-password|nonsense-value/);
});
