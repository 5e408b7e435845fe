import { readFile } from 'node:fs/promises';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { createMessage, type PublicKey, readKey, readSignature, verify } from 'openpgp';

/** The keys that an operator trusts to sign releases. */
export type ReleaseKeys = {
  /** Of the primary keys, in groups of four as the projects print them. */
  fingerprints: readonly string[];
  /** Fingerprint of the key that made one of the detached signatures over these bytes; undefined when none of ours did. */
  signerOf(bytes: Uint8Array, signature: Uint8Array): Promise<string | undefined>;
};

const publicBlock = /-----BEGIN PGP PUBLIC KEY BLOCK-----.+?-----END PGP PUBLIC KEY BLOCK-----/gs;

/** `file`: armored public keys, one after another. Throws `invalid_request` when it has none, or one that is broken. */
export async function readReleaseKeys(file: string): Promise<ReleaseKeys> {
  const refuse = (why: string, cause?: unknown) =>
    new GatehouseError('invalid_request', `GATEHOUSE_RELEASE_KEYS_FILE names ${file}, which ${why}.`, { cause });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuse('cannot be read', cause);
  });
  const blocks = text.match(publicBlock) ?? [];
  if (blocks.length === 0) throw refuse('holds no armored public key');
  const keys = await Promise.all(blocks.map((armoredKey) => readKey({ armoredKey }))).catch((cause: unknown) => {
    throw refuse('holds a key that cannot be read', cause);
  });
  return {
    fingerprints: keys.map(fingerprint),
    async signerOf(bytes, signature) {
      for (const key of keys) {
        if (await hasSigned(key, bytes, signature)) return fingerprint(key);
      }
      return undefined;
    },
  };
}

/**
 * A signature counts when its key was valid when it signed: one that has expired since still stands for its old
 * releases, a revoked one for none.
 */
async function hasSigned(key: PublicKey, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const { signatures } = await verify({
      message: await createMessage({ binary: bytes }),
      signature: await readSignature({ binarySignature: signature }),
      verificationKeys: key,
      config: {
        // The projects renew their keys, and a renewed key no longer says since when it may sign: releases from before
        // the renewal would all be refused. The key must then be valid now.
        allowInsecureVerificationWithReformattedKeys: true,
      },
    });
    const checks = await Promise.allSettled(signatures.map(({ verified }) => verified));
    return checks.some(({ status }) => status === 'fulfilled');
  } catch {
    // Bytes that are no signature.
    return false;
  }
}

function fingerprint(key: PublicKey): string {
  return key
    .getFingerprint()
    .toUpperCase()
    .replace(/.{4}(?=.)/g, '$& ');
}
