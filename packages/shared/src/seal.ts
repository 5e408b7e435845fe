import { createHash, createHmac } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { GatehouseError } from './gatehouse-error.ts';
import { Secret } from './secret.ts';

/**
 * Sealing: JWE `dir` + `A256GCM` (RFC 7516, 7518 §4.5, §5.3). Each value is bound to a context such as
 * `session/run-1/plan`, so that somebody who can write to Redis but has no key cannot move a sealed value to another place.
 */
export type Sealer = {
  seal(value: string | Uint8Array | Secret, context: string): Promise<string>;
  /** Throws `unauthorized` when the value was not sealed with one of our keys for this context. */
  unseal(sealed: string, context: string): Promise<Uint8Array>;
  unsealText(sealed: string, context: string): Promise<string>;
  /** A keyed fingerprint (HMAC-SHA256, base64url) to recognise a value that must not be stored. */
  fingerprint(value: string | Secret, context: string): string;
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
  const byId = new Map(keys.map((key) => [key.id, key.bytes]));

  async function seal(value: string | Uint8Array | Secret, context: string): Promise<string> {
    return new CompactEncrypt(toBytes(value))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: current?.id ?? '', ctx: context })
      .encrypt(current?.bytes ?? new Uint8Array());
  }

  async function unseal(sealed: string, context: string): Promise<Uint8Array> {
    try {
      const { kid } = decodeProtectedHeader(sealed);
      const key = typeof kid === 'string' ? byId.get(kid) : undefined;
      if (key === undefined) throw new Error('It was sealed with a key that is not in GATEHOUSE_SEALING_KEY.');
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      if (protectedHeader['ctx'] !== context) throw new Error('It was sealed for another place.');
      return plaintext;
    } catch (cause) {
      throw new GatehouseError('unauthorized', `The sealed value of "${context}" cannot be opened.`, { cause });
    }
  }

  return {
    seal,
    unseal,
    async unsealText(sealed, context) {
      return new TextDecoder().decode(await unseal(sealed, context));
    },
    fingerprint(value, context) {
      const text = value instanceof Secret ? value.reveal() : value;
      return createHmac('sha256', current.bytes).update(`${context}\0${text}`).digest('base64url');
    },
  };
}

function parseKey(text: string): { id: string; bytes: Uint8Array } {
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length !== keyBytes) {
    throw new GatehouseError(
      'internal',
      `A sealing key has ${keyBytes} bytes in base64url; this one has ${bytes.length}. Make one with: openssl rand -base64 32`,
    );
  }
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}

function toBytes(value: string | Uint8Array | Secret): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(value instanceof Secret ? value.reveal() : value);
}
