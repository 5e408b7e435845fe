import { Secret } from '@gatehouse/shared/secret';
import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from '../../src/domain/password-hash.ts';

const password = new Secret('correct horse battery');

test('a password is known again, and another one is not', async () => {
  const hash = await hashPassword(password);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await verifyPassword(password, hash)).toBe(true);
  expect(await verifyPassword(new Secret('correct horse batterz'), hash)).toBe(false);
});

test('the same password has another hash each time', async () => {
  expect(await hashPassword(password)).not.toBe(await hashPassword(password));
});

test.each([undefined, '', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=8,t=1,p=1$$'])(
  'nobody signs in against %j',
  async (hash) => {
    expect(await verifyPassword(password, hash)).toBe(false);
    expect(await verifyPassword(new Secret(''), hash)).toBe(false);
  },
);

test('a hash made at another cost is still known', async () => {
  // argon2id of "password" with the salt "somesaltsomesalt", m=4096, t=1, made by the same primitive at that cost.
  const { argon2Sync } = await import('node:crypto');
  const salt = Buffer.from('somesaltsomesalt');
  const options = { message: 'password', nonce: salt, parallelism: 1, tagLength: 32, memory: 4096, passes: 1 };
  const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const hash = `$argon2id$v=19$m=4096,t=1,p=1$${encode(salt)}$${encode(argon2Sync('argon2id', options))}`;
  expect(await verifyPassword(new Secret('password'), hash)).toBe(true);
});
