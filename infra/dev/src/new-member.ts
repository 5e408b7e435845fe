import { z } from 'zod';
import { type ApiClient, document, resourceOf } from './api-client.ts';

export type NewMember = { id: string; token: string };

const password = 'correct horse battery';

/** A new member of an organization, who is no owner: signs in once, as on the page, for an API token. */
export async function newMember(api: ApiClient, organization: string, username: string): Promise<NewMember> {
  const members = `/api/v2/organizations/${organization}/organization-memberships`;
  await api.call('POST', members, document('organization-memberships', { username, password }));
  const headers = { 'content-type': 'application/json', origin: api.url };
  const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
    fetch(`${api.url}/api/v2${path}`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
    });
  const signedIn = await post('/session', { username, password });
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]);
  const { included } = z.object({ included: z.array(z.object({ id: z.string() })) }).parse(await signedIn.json());
  const [user] = included;
  if (user === undefined) throw new Error('The sign-in names no user.');
  const token = document('authentication-tokens', { description: 'test' });
  const made = await post(`/users/${user.id}/authentication-tokens`, token, { cookie: cookie.join('; ') });
  return { id: user.id, token: resourceOf(await made.json(), z.looseObject({ token: z.string() })).attributes.token };
}
