import { expect, test } from 'vitest';
import { answerAddress, readAuthorizationRequest } from '../src/terraform-login.ts';

const good = {
  clientId: 'terraform-cli',
  responseType: 'code',
  redirectUri: 'http://localhost:10003/login',
  codeChallenge: 'a'.repeat(43),
  codeChallengeMethod: 'S256',
  state: '6b1f0f2e-1111-2222-3333-444455556666',
};

test('what terraform sends is a request', () => {
  expect(readAuthorizationRequest(good)).toEqual({
    clientId: 'terraform-cli',
    redirectUri: 'http://localhost:10003/login',
    codeChallenge: 'a'.repeat(43),
    state: good.state,
  });
});

test.each(['http://localhost:10000/login', 'http://localhost:10010/login', 'http://127.0.0.1:10005/login'])(
  '%s is an address of terraform on this computer',
  (redirectUri) => expect(readAuthorizationRequest({ ...good, redirectUri })).toMatchObject({ redirectUri }),
);

test.each([
  'http://localhost:9999/login',
  'http://localhost:10011/login',
  'http://localhost/login',
  'https://localhost:10003/login',
  'http://localhost:10003/login/',
  'http://localhost:10003/login?x=1',
  'http://localhost:10003/login#x',
  'http://localhost:10003/',
  'http://localhost:10003/../login',
  'http://localhost:10003@evil.example/login',
  'http://evil.example/?http://localhost:10003/login',
  'http://localhost.evil.example:10003/login',
  'http://evil.example:10003/login',
  'http://user@localhost:10003/login',
  'http://LOCALHOST:10003/login',
  'http://127.0.0.2:10003/login',
  'http://2130706433:10003/login',
  'http://[::1]:10003/login',
  'http://localhost:010003/login',
  'http://localhost:10003/login\nhttp://evil.example',
  ' http://localhost:10003/login',
  'javascript:alert(1)//http://localhost:10003/login',
  '//localhost:10003/login',
  '',
])('nothing is sent to %j', (redirectUri) => {
  expect(readAuthorizationRequest({ ...good, redirectUri })).toEqual({
    problem: 'redirect_uri must be http://localhost:<port>/login with a port from 10000 to 10010.',
  });
});

const bad: [string, Partial<Record<keyof typeof good, string | undefined>>, RegExp][] = [
  ['another client', { clientId: 'somebody' }, /client_id/],
  ['no client', { clientId: undefined }, /client_id/],
  ['no address', { redirectUri: undefined }, /redirect_uri/],
  ['the implicit grant', { responseType: 'token' }, /response_type/],
  ['a plain challenge', { codeChallengeMethod: 'plain' }, /code_challenge_method must be S256/],
  ['no method, which means plain', { codeChallengeMethod: undefined }, /code_challenge_method/],
  ['no challenge', { codeChallenge: undefined }, /code_challenge/],
  ['a short challenge', { codeChallenge: 'abc' }, /code_challenge/],
  ['no state', { state: undefined }, /state/],
  ['an empty state', { state: '' }, /state/],
  ['an endless state', { state: 'x'.repeat(513) }, /state/],
];
test.each(bad)('%s is told', (_what, change, problem) => {
  expect(readAuthorizationRequest({ ...good, ...change })).toEqual({ problem: expect.stringMatching(problem) });
});

test('an answer cannot add to itself', () => {
  const address = new URL(answerAddress(good.redirectUri, { code: 'c', state: 'a&code=evil#x' }));
  expect([...address.searchParams]).toEqual([
    ['code', 'c'],
    ['state', 'a&code=evil#x'],
  ]);
  expect(address.hash).toBe('');
});
