import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@gatehouse/shared/secret';

const derive = promisify(argon2);

/** OWASP's second choice for argon2id: 19 MiB and two passes, 20 to 65 ms on a small machine. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const saltBytes = 16;
const tagBytes = 32;

/** In PHC form, so that the cost can be raised later and another library can read it. */
export async function hashPassword(password: Secret): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await derive('argon2id', {
    message: password.reveal(),
    nonce: salt,
    parallelism: cost.parallelism,
    tagLength: tagBytes,
    memory: cost.memory,
    passes: cost.passes,
  });
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(salt)}$${encode(tag)}`;
}

/** `hash` undefined is a user who does not exist or has no password: the same work is done, and the answer is false. */
export async function verifyPassword(password: Secret, hash: string | undefined): Promise<boolean> {
  const parts = parsePhc(hash ?? '');
  const { memory, passes, parallelism } = parts ?? cost;
  const expected = parts?.tag ?? Buffer.alloc(tagBytes);
  const tag = await derive('argon2id', {
    message: password.reveal(),
    nonce: parts?.salt ?? Buffer.alloc(saltBytes),
    parallelism,
    tagLength: expected.length,
    memory,
    passes,
  });
  return timingSafeEqual(tag, expected) && parts !== undefined;
}

function parsePhc(hash: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  if (match?.[4] === undefined || match[5] === undefined) return undefined;
  return {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    salt: Buffer.from(match[4], 'base64'),
    tag: Buffer.from(match[5], 'base64'),
  };
}

/** PHC strings use base64 without padding. */
function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
