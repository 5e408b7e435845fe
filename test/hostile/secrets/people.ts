import { createHash, randomBytes } from 'node:crypto';
import { canary, done, type Stage } from './stage.ts';

/** People come, mistype, get tokens of every kind, and change their passwords. */
export async function letPeopleIn(stage: Stage): Promise<void> {
  const { ask, canaries, owner, site } = stage;
  const { organization } = site.gatehouse.stack.dev;
  const here = `/api/v2/organizations/${organization}`;
  const passwords = { first: canary(stage, 'password'), second: canary(stage, 'changed password') };
  const username = 'kim';
  const membership = { data: { attributes: { username, password: passwords.first } } };
  await done(ask(owner, 'POST', `${here}/organization-memberships`, membership), 201);
  const signIn = (password: unknown) => ask({}, 'POST', '/api/v2/session', { username, password });
  await signIn(canary(stage, 'mistyped password'));
  await signIn({ not: canary(stage, 'password in a broken request') });
  await ask({}, 'POST', '/api/v2/session', undefined, {
    raw: `{"username": "kim", "password": "${canary(stage, 'password in broken JSON')}"`,
  });
  await ask({}, 'POST', `/api/v2/session?password=${canary(stage, 'password in an address')}`);
  const signedIn = await signIn(passwords.first);
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')[0] ?? '';
  // The answer to whoever signs in holds her session by its nature.
  stage.leavings.pop();
  canaries.set('sign-in session', decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)));
  const change = { data: { attributes: { current_password: passwords.first, password: passwords.second } } };
  await done(ask({ cookie }, 'PATCH', '/api/v2/account/password', change), 204);
  await ask({ cookie }, 'PATCH', '/api/v2/account/password', change);

  const { id } = (await ask({ cookie }, 'GET', '/api/v2/account/details')).data();
  const tokenBody = { data: { type: 'authentication-tokens', attributes: {} } };
  const make = async (kind: string, who: object, path: string) => {
    const made = await done(ask(who, 'POST', path, tokenBody, { mine: true }), 201);
    const { token } = made.data()['attributes'] as { token: string };
    canaries.set(kind, token);
    return token;
  };
  stage.member.token = await make('API token', { cookie }, `/api/v2/users/${id}/authentication-tokens`);
  const organizationToken = await make("organization's token", owner, `${here}/authentication-token`);
  const team = await done(ask(owner, 'POST', `${here}/teams`, { data: { attributes: { name: 'night' } } }), 201);
  const teamToken = await make("team's token", owner, `/api/v2/teams/${team.data()['id']}/authentication-token`);
  for (const token of [organizationToken, teamToken]) await ask({ token }, 'GET', `${here}/workspaces`);
  await ask({ token: canary(stage, 'token that is none') }, 'GET', '/api/v2/account/details');
  await logInTerraform(stage, cookie);
}

async function logInTerraform({ ask, canaries }: Stage, cookie: string): Promise<void> {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = 'http://localhost:10000/login';
  const attributes = {
    'client-id': 'terraform-cli',
    'response-type': 'code',
    'redirect-uri': redirect,
    'code-challenge': createHash('sha256').update(verifier).digest('base64url'),
    'code-challenge-method': 'S256',
    state: 'state',
    'expires-after-days': 1,
  };
  const allowed = await ask(
    { cookie },
    'POST',
    '/api/v2/oauth/authorizations',
    { data: { attributes } },
    { mine: true },
  );
  const { 'redirect-to': back } = allowed.data()['attributes'] as { 'redirect-to': string };
  const code = new URL(back).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', client_id: 'terraform-cli', redirect_uri: redirect, code };
  const exchange = (more: object) =>
    ask({}, 'POST', '/oauth/token', undefined, {
      mine: true,
      raw: new URLSearchParams({ ...form, ...more }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const { access_token: token } = JSON.parse((await exchange({ code_verifier: verifier })).text);
  await exchange({ code_verifier: verifier });
  canaries.set('code of terraform login', code).set('verifier of terraform login', verifier);
  canaries.set('token of terraform login', token);
}
