import { timingSafeEqual } from 'node:crypto';
import type { Sealer } from '@gatehouse/shared/seal';

/**
 * A right of access that stands in a path, for clients that send no Authorization there: the terraform CLI's uploads and
 * log reading. `subject.expiry.signature`, where the signature is keyed and covers what may be done, to what, until when.
 * Stays below 100 characters, which is what Fastify takes in a path's parameter. Ends early when the sealing key is
 * replaced; a client gets a new one with the resource.
 */
export type CapabilityKind =
  | 'upload-configuration'
  | 'read-log'
  | 'upload-state'
  | 'upload-state-json'
  /** Of no access at all: see `known-browser.ts`. */
  | 'known-browser';

export type CapabilityDependencies = { sealer: Pick<Sealer, 'fingerprint'> };

/** `subject` holds letters, digits and `-`, parts separated by `.`. */
export function signCapability(
  { sealer }: CapabilityDependencies,
  capability: { kind: CapabilityKind; subject: string; expiresAt: Date },
): string {
  const claim = `${capability.subject}.${Math.floor(capability.expiresAt.getTime() / 1000).toString(36)}`;
  return `${claim}.${sealer.fingerprint(claim, `capability/${capability.kind}`)}`;
}

/** The subject, or undefined when the capability is forged, of another kind, or over. */
export function openCapability(
  { sealer }: CapabilityDependencies,
  { kind, text, now }: { kind: CapabilityKind; text: string; now: Date },
): string | undefined {
  const match = /^((?:[\w-]+\.)+([0-9a-z]+))\.([\w-]{43})$/.exec(text);
  if (match === null) return undefined;
  const [, claim = '', expiry = '', signature = ''] = match;
  const expected = sealer.fingerprint(claim, `capability/${kind}`);
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
  if (Number.parseInt(expiry, 36) * 1000 <= now.getTime()) return undefined;
  return claim.slice(0, -expiry.length - 1);
}
