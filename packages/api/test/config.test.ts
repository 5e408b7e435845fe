import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { refusalOf } from '@gatehouse/shared/address-guard';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

function setup(more: Record<string, string> = {}): Record<string, string | undefined> {
  return { GATEHOUSE_SEALING_KEY: 'k'.repeat(43), GATEHOUSE_WORKER_TOKEN: 'w'.repeat(32), ...more };
}

test('without settings it listens to this machine only', () => {
  const config = readConfig(setup());
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    publicUrl: 'http://127.0.0.1:8080',
    mfaDeadlineSeconds: 1800,
    mfaReminderSeconds: 300,
    mfaTries: 5,
    phaseTimeoutSeconds: 7200,
    trustProxy: false,
  });
  expect(path.basename(config.dataDir)).toBe('.gatehouse');
});

test('secrets are taken out of the environment and do not print', () => {
  const environment = setup();
  const config = readConfig(environment);
  expect(environment).toEqual({});
  expect(JSON.stringify(config)).not.toMatch(/kkk|www/);
  expect(config.workerToken.reveal()).toBe('w'.repeat(32));
});

test('a secret may come from a file', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'gh-config-'));
  const file = path.join(directory, 'token');
  writeFileSync(file, `${'f'.repeat(32)}\n`);
  const environment = setup({ GATEHOUSE_WORKER_TOKEN: '', GATEHOUSE_WORKER_TOKEN_FILE: file });
  expect(readConfig(environment).workerToken.reveal()).toBe('f'.repeat(32));
  rmSync(directory, { recursive: true });
});

test('with TLS the address of the default is https', () => {
  const tls = { GATEHOUSE_TLS_CERT_FILE: '/c.pem', GATEHOUSE_TLS_KEY_FILE: '/k.pem' };
  expect(readConfig(setup(tls))).toMatchObject({
    publicUrl: 'https://127.0.0.1:8080',
    tls: { certFile: '/c.pem', keyFile: '/k.pem' },
  });
  expect(readConfig(setup()).tls).toBeUndefined();
});

test('proxies are trusted by their addresses, or for who connects', () => {
  expect(readConfig(setup({ GATEHOUSE_TRUST_PROXY: 'true' })).trustProxy).toBe(true);
  const trustProxy = ['10.0.0.0/8', '::1'];
  expect(readConfig(setup({ GATEHOUSE_TRUST_PROXY: trustProxy.join(', ') })).trustProxy).toEqual(trustProxy);
});

const bad: [Record<string, string>, string][] = [
  [{ GATEHOUSE_PORT: '70000' }, 'GATEHOUSE_PORT'],
  [{ GATEHOUSE_PUBLIC_URL: 'ftp://x' }, 'GATEHOUSE_PUBLIC_URL'],
  [{ GATEHOUSE_TLS_CERT_FILE: '/c.pem' }, 'GATEHOUSE_TLS_KEY_FILE'],
  [{ GATEHOUSE_TLS_KEY_FILE: '/k.pem' }, 'GATEHOUSE_TLS_CERT_FILE'],
  [{ GATEHOUSE_MFA_TRIES: '0' }, 'GATEHOUSE_MFA_TRIES'],
  [{ GATEHOUSE_TRUST_PROXY: 'proxy.internal' }, 'GATEHOUSE_TRUST_PROXY'],
  [{ GATEHOUSE_MFA_DEADLINE_SECONDS: 'soon' }, 'GATEHOUSE_MFA_DEADLINE_SECONDS'],
  [{ GATEHOUSE_LOG_LEVEL: 'loud' }, 'GATEHOUSE_LOG_LEVEL'],
  [{ GATEHOUSE_WORKER_TOKEN: '' }, 'GATEHOUSE_WORKER_TOKEN'],
  [{ GATEHOUSE_SEALING_KEY: '', GATEHOUSE_SEALING_KEY_FILE: '/nonexistent' }, 'GATEHOUSE_SEALING_KEY_FILE'],
];
test.each(bad)('%j is refused by name', (more, name) => {
  expect(() => readConfig(setup(more))).toThrow(name);
});

test('notifications go to private addresses only where they are named, and an entry that is none is told', () => {
  const allow = (text: string) => readConfig(setup({ GATEHOUSE_NOTIFICATION_ALLOW: text })).notificationAllow;
  const inside = { host: '10.1.2.3', port: 80 };
  expect(refusalOf('10.1.2.3', inside, readConfig(setup()).notificationAllow)).toBe('private address');
  expect(refusalOf('10.1.2.3', inside, allow('hooks.internal:443, 10.0.0.0/8'))).toBeUndefined();
  expect(() => allow('10.0.0.0/8,hooks.internal')).toThrowError(/GATEHOUSE_NOTIFICATION_ALLOW.*"hooks.internal"/);
});
