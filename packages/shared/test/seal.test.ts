import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSealer } from '../src/seal.ts';
import { Secret } from '../src/secret.ts';

const newKey = () => randomBytes(32).toString('base64url');
const setup = () => {
  const key = newKey();
  return { key, sealer: createSealer(new Secret(key)) };
};

describe('sealing', () => {
  test('what was sealed for a context opens for that context', async () => {
    const { sealer } = setup();
    expect(await sealer.unsealText(await sealer.seal('plain', 'session/run-1'), 'session/run-1')).toBe('plain');
    const bytes = randomBytes(100_000);
    expect(Buffer.from(await sealer.unseal(await sealer.seal(bytes, 'b'), 'b')).equals(bytes)).toBe(true);
    expect(await sealer.unsealText(await sealer.seal(new Secret('code'), 'c'), 'c')).toBe('code');
  });

  test('a sealed value that was moved to another place does not open', async () => {
    const { sealer } = setup();
    const sealed = await sealer.seal('plain', 'session/run-1');
    await expect(sealer.unseal(sealed, 'session/run-2')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('a changed or foreign value does not open, and the error holds neither value nor key', async () => {
    const { sealer, key } = setup();
    const sealed = await sealer.seal('the-plain-text', 'x');
    const parts = sealed.split('.');
    parts[3] = `A${(parts[3] ?? '').slice(1)}B`;
    for (const wrong of [parts.join('.'), 'junk', '', await setup().sealer.seal('other', 'x')]) {
      const error: unknown = await sealer.unseal(wrong, 'x').catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'unauthorized' });
      expect(String(error)).not.toContain('the-plain-text');
      expect(String(error)).not.toContain(key);
    }
  });

  test('a value sealed with an algorithm that we do not use is refused', async () => {
    const { sealer, key } = setup();
    const { CompactEncrypt } = await import('jose');
    const sealed = await sealer.seal('x', 'x');
    const kid: unknown = JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString()).kid;
    const foreign = await new CompactEncrypt(new TextEncoder().encode('x'))
      .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', kid: String(kid), ctx: 'x' })
      .encrypt(Buffer.from(key, 'base64url'));
    await expect(sealer.unseal(foreign, 'x')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('after a rotation old values open still and new ones use the new key', async () => {
    const { key, sealer } = setup();
    const old = await sealer.seal('old', 'x');
    const next = newKey();
    const rotated = createSealer(new Secret(`${next},${key}`));
    expect(await rotated.unsealText(old, 'x')).toBe('old');
    expect(await createSealer(new Secret(next)).unsealText(await rotated.seal('new', 'x'), 'x')).toBe('new');
  });

  test('what was sealed with an old key is sealed anew for the same context, once, and the missing key has a name', async () => {
    const { key, sealer } = setup();
    const old = await sealer.seal('old', 'x');
    const next = newKey();
    const rotated = createSealer(new Secret(`${next},${key}`));
    const resealed = await rotated.reseal(old);
    expect(await createSealer(new Secret(next)).unsealText(resealed ?? '', 'x')).toBe('old');
    expect(await rotated.reseal(resealed ?? '')).toBeUndefined();
    const error: unknown = await createSealer(new Secret(next))
      .reseal(old)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unauthorized', cause: { message: expect.stringContaining(sealer.keyId) } });
    await expect(rotated.reseal('junk')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('a fingerprint is known by every key of the ring, and by no other', () => {
    const { key, sealer } = setup();
    const rotated = createSealer(new Secret(`${newKey()},${key}`));
    const fingerprint = sealer.fingerprint('value', 'x');
    expect(rotated.isFingerprint(fingerprint, 'value', 'x')).toBe(true);
    expect(rotated.isFingerprint(rotated.fingerprint('value', 'x'), 'value', 'x')).toBe(true);
    expect(setup().sealer.isFingerprint(fingerprint, 'value', 'x')).toBe(false);
    for (const wrong of ['', 'junk', fingerprint.slice(1)])
      expect(rotated.isFingerprint(wrong, 'value', 'x')).toBe(false);
    expect(rotated.isFingerprint(fingerprint, 'value', 'y')).toBe(false);
  });

  test('fingerprints know a value again without telling it', () => {
    const { sealer } = setup();
    expect(sealer.fingerprint(new Secret('123456'), 'device')).toBe(sealer.fingerprint('123456', 'device'));
    expect(sealer.fingerprint('123456', 'device')).not.toBe(sealer.fingerprint('123456', 'other'));
    expect(setup().sealer.fingerprint('123456', 'device')).not.toBe(sealer.fingerprint('123456', 'device'));
  });

  test('a key of the wrong length is refused with how to make one', () => {
    expect(() => createSealer(new Secret('c2hvcnQ'))).toThrow(/32 bytes.*openssl rand/);
  });
});
