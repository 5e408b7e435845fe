import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '@gatehouse/shared/secret';

/**
 * Tokens are 32 random bytes behind a prefix that secret scanners can look for. Only their SHA-256 is stored: what is
 * that random needs neither salt nor a slow hash.
 */
const prefixes = { apiToken: 'gh_', webSession: 'ghs_', authorizationCode: 'ghc_' } as const;

export function newBearerToken(kind: keyof typeof prefixes): Secret {
  return new Secret(prefixes[kind] + randomBytes(32).toString('base64url'));
}

export function hashOfToken(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('base64url');
}
