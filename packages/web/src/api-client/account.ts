import * as z from 'zod/mini';
import { readAllPages } from './all-pages.ts';
import { type Api, anything } from './api.ts';
import { attributesDocument, instant, many, one, resource } from './json-api.ts';

const token = resource('authentication-tokens', {
  description: z.string(),
  'created-at': instant,
  'last-used-at': z.nullable(instant),
  'expired-at': z.nullable(instant),
  token: z.nullable(z.string()),
});
const session = resource('sessions', {
  'created-at': instant,
  'last-used-at': instant,
  'expires-at': instant,
  current: z.boolean(),
});

export type ApiToken = {
  id: string;
  description: string;
  createdAt: number;
  lastUsedAt: number | undefined;
  /** undefined: never. */
  expiresAt: number | undefined;
};

/** A sign-in on the page. */
export type SignIn = { id: string; createdAt: number; lastUsedAt: number; expiresAt: number; isCurrent: boolean };

export async function listTokens(api: Api, userId: string, signal?: AbortSignal): Promise<ApiToken[]> {
  const { items } = await readAllPages(api, `/users/${userId}/authentication-tokens`, token, signal);
  return items.map(tokenOf);
}

/** The only answer that holds the token itself: show it, keep it nowhere. */
export async function createToken(
  api: Api,
  userId: string,
  given: { description: string; expiresAt: number | undefined },
): Promise<{ token: ApiToken; secret: string }> {
  const { description, expiresAt } = given;
  const expiry = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
  const document = attributesDocument('authentication-tokens', { description, 'expired-at': expiry });
  const { data } = await api.send('POST', `/users/${userId}/authentication-tokens`, document, one(token));
  return { token: tokenOf(data), secret: data.attributes.token ?? '' };
}

export async function revokeToken(api: Api, id: string): Promise<void> {
  await api.send('DELETE', `/authentication-tokens/${id}`, undefined, anything);
}

export async function listSignIns(api: Api, signal?: AbortSignal): Promise<SignIn[]> {
  const { data } = await api.get('/account/sessions', many(session), signal);
  return data.map(({ id, attributes }) => ({
    id,
    createdAt: attributes['created-at'],
    lastUsedAt: attributes['last-used-at'],
    expiresAt: attributes['expires-at'],
    isCurrent: attributes.current,
  }));
}

export async function endSignIn(api: Api, id: string): Promise<void> {
  await api.send('DELETE', `/account/sessions/${id}`, undefined, anything);
}

/** Ends every other sign-in of mine. */
export async function changePassword(api: Api, passwords: { current: string; next: string }): Promise<void> {
  const attributes = { current_password: passwords.current, password: passwords.next };
  await api.send('PATCH', '/account/password', attributesDocument('users', attributes), anything);
}

function tokenOf({ id, attributes }: z.output<typeof token>): ApiToken {
  return {
    id,
    description: attributes.description,
    createdAt: attributes['created-at'],
    lastUsedAt: attributes['last-used-at'] ?? undefined,
    expiresAt: attributes['expired-at'] ?? undefined,
  };
}
