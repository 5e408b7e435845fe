import { createHash, createHmac, timingSafeEqual, webcrypto } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { GatehouseError } from './gatehouse-error.ts';
import { Secret } from './secret.ts';
import './to-base64.ts';

/**
 * Sealing: JWE `dir` + `A256GCM` (RFC 7516, 7518 §4.5, §5.3). Each value is bound to a context such as
 * `session/run-1/plan`, so that somebody who can write to Redis but has no key cannot move a sealed value to another place.
 */
export type Sealer = {
  seal(value: string | Uint8Array | Secret, context: string): Promise<string>;
  /** Throws `unauthorized` when the value was not sealed with one of our keys for this context. */
  unseal(sealed: string, context: string): Promise<Uint8Array>;
  unsealText(sealed: string, context: string): Promise<string>;
  /** The same value for the same context by the current key; undefined where it was that key's already. Throws as `unseal`. */
  reseal(sealed: string): Promise<string | undefined>;
  /** A keyed fingerprint (HMAC-SHA256, base64url) to recognise a value that must not be stored. By the current key. */
  fingerprint(value: string | Secret, context: string): string;
  /** Whether it is the value's fingerprint by any of the keys. */
  isFingerprint(fingerprint: string, value: string, context: string): boolean;
  /** Names the key that seals, and tells nothing of it. */
  keyId: string;
};

const keyBytes = 32;

/**
 * `keyRing`: one or more keys of 32 bytes in base64url, separated by commas. The first seals, all unseal: put a new key
 * in front to rotate. The key id in each value is derived from the key.
 */
export function createSealer(keyRing: Secret): Sealer {
  const keys = keyRing.reveal().split(',').map(parseKey);
  const [current] = keys;
  if (current === undefined) throw new GatehouseError('internal', 'The sealing key is empty.');
  const currentId = current.id;
  const byId = new Map(keys.map((key) => [key.id, importedOnce(key.bytes)]));

  async function seal(value: string | Uint8Array | Secret, context: string): Promise<string> {
    const key = await byId.get(currentId)?.();
    return new CompactEncrypt(toBytes(value))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: currentId, ctx: context })
      .encrypt(key ?? new Uint8Array());
  }

  async function unseal(sealed: string, context: string): Promise<Uint8Array> {
    try {
      const { kid } = decodeProtectedHeader(sealed);
      const key = typeof kid === 'string' ? byId.get(kid) : undefined;
      if (key === undefined) throw new Error(missingKey(kid));
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, await key(), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      if (protectedHeader['ctx'] !== context) throw new Error('It was sealed for another place.');
      return plaintext;
    } catch (cause) {
      throw new GatehouseError('unauthorized', `The sealed value of "${context}" cannot be opened.`, { cause });
    }
  }

  function missingKey(kid: unknown): string {
    const given = keys.map(({ id }) => id).join(', ');
    return `It was sealed with the key ${String(kid)}, which is not in GATEHOUSE_SEALING_KEY (${given}): put it back behind the others.`;
  }

  async function reseal(sealed: string): Promise<string | undefined> {
    if (isSealedWith(sealed, currentId)) return undefined;
    const context = contextOf(sealed);
    return seal(await unseal(sealed, context), context);
  }

  const fingerprintBy = (key: Uint8Array, text: string, context: string) =>
    createHmac('sha256', key).update(`${context}\0${text}`);

  return {
    seal,
    unseal,
    reseal,
    keyId: current.id,
    async unsealText(sealed, context) {
      return new TextDecoder().decode(await unseal(sealed, context));
    },
    fingerprint(value, context) {
      return fingerprintBy(current.bytes, value instanceof Secret ? value.reveal() : value, context).digest(
        'base64url',
      );
    },
    isFingerprint(fingerprint, value, context) {
      // As text: several texts of base64url decode to the same bytes.
      const given = Buffer.from(fingerprint);
      return keys.some(({ bytes }) => {
        const expected = Buffer.from(fingerprintBy(bytes, value, context).digest('base64url'));
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
  };
}

/** Whether this begins as a value that was sealed with the key, be it cut off behind its header; anything else is not. */
export function isSealedWith(sealed: string, keyId: string): boolean {
  const [header = ''] = sealed.split('.', 1);
  try {
    return decodeProtectedHeader(`${header}....`).kid === keyId;
  } catch {
    return false;
  }
}

/** What it says of itself; that it is true is seen when it is opened. Empty: nothing. */
function contextOf(sealed: string): string {
  try {
    return String(decodeProtectedHeader(sealed)['ctx'] ?? '');
  } catch {
    return '';
  }
}

function parseKey(text: string): { id: string; bytes: Buffer<ArrayBuffer> } {
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length !== keyBytes) {
    throw new GatehouseError(
      'internal',
      `A sealing key has ${keyBytes} bytes in base64url; this one has ${bytes.length}. Make one with: openssl rand -base64 32`,
    );
  }
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}

/** At its first use; from bytes, the import would be done again for each value. */
function importedOnce(bytes: Uint8Array<ArrayBuffer>): () => Promise<webcrypto.CryptoKey> {
  let imported: Promise<webcrypto.CryptoKey> | undefined;
  return () => {
    imported ??= webcrypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    return imported;
  };
}

function toBytes(value: string | Uint8Array | Secret): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(value instanceof Secret ? value.reveal() : value);
}
