import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { AuthorizationPage } from '../../src/pages/authorization-page.tsx';
import { refusal, stagePage } from './page-stage.tsx';

const asked = {
  client_id: 'terraform-cli',
  code_challenge: 'c'.repeat(43),
  code_challenge_method: 'S256',
  redirect_uri: 'http://localhost:10003/login',
  response_type: 'code',
  state: 'the-state',
};
const back = 'http://localhost:10003/login?code=ghc_once&state=the-state';

function setup(query: Record<string, string> | string = asked) {
  const left: string[] = [];
  const stage = stagePage({
    page: <AuthorizationPage leaveTo={(address) => left.push(address)} />,
    path: pagePaths.authorization,
    address: `/oauth/authorization?${new URLSearchParams(query)}`,
    isOwner: false,
    answers: {
      'POST /oauth/authorizations': () => ({
        data: { id: 'authz-1', type: 'oauth-authorizations', attributes: { 'redirect-to': back } },
      }),
    },
  });
  return { ...stage, left };
}

describe('terraform login', () => {
  test('is told with who one is, and nothing is sent before an answer', async () => {
    const { left, sent } = setup();
    expect(await screen.findByText('alice')).toBeDefined();
    expect(screen.getByLabelText<HTMLSelectElement>('The token expires after').value).toBe('90');
    expect(sent).toEqual([]);
    expect(left).toEqual([]);
  });

  test('is allowed: the browser goes to terraform with the code, which no cache keeps', async () => {
    const { left, writes, cached } = setup();
    fireEvent.change(screen.getByLabelText('The token expires after'), { target: { value: '' } });
    fireEvent.click(screen.getByRole('button', { name: 'Allow' }));
    await waitFor(() => expect(left).toEqual([back]));
    expect(writes()).toEqual([
      {
        method: 'POST',
        path: '/oauth/authorizations',
        body: {
          data: {
            type: 'oauth-authorizations',
            attributes: {
              'client-id': 'terraform-cli',
              'response-type': 'code',
              'redirect-uri': 'http://localhost:10003/login',
              'code-challenge': 'c'.repeat(43),
              'code-challenge-method': 'S256',
              state: 'the-state',
              'expires-after-days': null,
            },
          },
        },
      },
    ]);
    expect(cached()).not.toContain('ghc_once');
    expect(document.body.innerHTML).not.toContain('ghc_once');
  });

  test('is denied: terraform hears of it, the api does not', () => {
    const { left, sent } = setup();
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }));
    expect(left).toEqual(['http://localhost:10003/login?error=access_denied&state=the-state']);
    expect(sent).toEqual([]);
  });

  test('stays when the api refuses, and says why', async () => {
    const { answers, left } = setup();
    answers['POST /oauth/authorizations'] = () => refusal(403, 'forbidden', 'Not from here.');
    fireEvent.click(screen.getByRole('button', { name: 'Allow' }));
    expect(await screen.findByText('Not from here.')).toBeDefined();
    expect(left).toEqual([]);
  });
});

const bad: [string, Record<string, string> | string, RegExp][] = [
  ['another address', { ...asked, redirect_uri: 'https://evil.example/login' }, /redirect_uri must be/],
  ['a script as address', { ...asked, redirect_uri: 'javascript:alert(1)' }, /redirect_uri must be/],
  ['a plain challenge', { ...asked, code_challenge_method: 'plain' }, /code_challenge_method must be S256/],
  ['two addresses', `${new URLSearchParams(asked)}&redirect_uri=https://evil.example`, /redirect_uri is given twice/],
  ['nothing', '', /client_id must be/],
];
test.each(bad)('with %s nothing can be allowed or denied', (_what, query, problem) => {
  const { left } = setup(query);
  expect(screen.getByRole('heading', { name: 'Nothing to allow here' })).toBeDefined();
  expect(screen.getByText(problem)).toBeDefined();
  expect(screen.queryAllByRole('button')).toEqual([]);
  expect(screen.getByRole('link', { name: 'Make a token by hand' }).getAttribute('href')).toBe(
    '/app/settings/tokens?source=terraform-login',
  );
  expect(left).toEqual([]);
});
