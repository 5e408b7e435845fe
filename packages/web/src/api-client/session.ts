import * as z from 'zod/mini';
import { type Api, anything } from './api.ts';
import { resource } from './json-api.ts';

export type SignedIn = { userId: string; username: string; isSiteAdmin: boolean; expiresAt: number };

const user = resource('users', { username: z.string(), 'is-site-admin': z.boolean() });
const session = z.object({
  data: resource('sessions', { 'expires-at': z.iso.datetime() }),
  included: z.array(user).check(z.minLength(1)),
});

/** Who uses this page; throws `unauthorized`. */
export async function readSession(api: Api): Promise<SignedIn> {
  return signedIn(await api.get('/session', session));
}

/** Throws `unauthorized` for a wrong pair, `too_many_requests` after several. */
export async function signIn(api: Api, credentials: { username: string; password: string }): Promise<SignedIn> {
  return signedIn(await api.send('POST', '/session', credentials, session));
}

export async function signOut(api: Api): Promise<void> {
  await api.send('DELETE', '/session', undefined, anything);
}

function signedIn({ data, included }: z.infer<typeof session>): SignedIn {
  const [who] = included;
  return {
    userId: who?.id ?? '',
    username: who?.attributes.username ?? '',
    isSiteAdmin: who?.attributes['is-site-admin'] ?? false,
    expiresAt: Date.parse(data.attributes['expires-at']),
  };
}
