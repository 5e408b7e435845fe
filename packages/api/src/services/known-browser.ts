import { randomBytes } from 'node:crypto';
import { type CapabilityDependencies, openCapability, signCapability } from './capability.ts';

/** Longer than most people stay away. */
export const knownBrowserMs = 90 * 24 * 3_600_000;

/**
 * What a browser keeps of a sign-in (OWASP's device cookie): it gives no access, but whoever shows it is not kept out by
 * what strangers guess at the same account. Its own guesses are counted by its number.
 */
export function signKnownBrowser(dependencies: CapabilityDependencies, { userId, now }: { userId: string; now: Date }) {
  return signCapability(dependencies, {
    kind: 'known-browser',
    subject: `${userId}.${randomBytes(9).toString('hex')}`,
    expiresAt: new Date(now.getTime() + knownBrowserMs),
  });
}

/** The browser's number; undefined when this user never signed in with it, or too long ago. */
export function openKnownBrowser(
  dependencies: CapabilityDependencies,
  text: string | undefined,
  { userId, now }: { userId: string; now: Date },
): string | undefined {
  const subject = text === undefined ? undefined : openCapability(dependencies, { kind: 'known-browser', text, now });
  const [ofUser, number] = subject?.split('.') ?? [];
  return ofUser === userId ? number : undefined;
}
