import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { AccountPage } from '../../src/pages/account-page.tsx';
import { aTime, list, stagePage } from './page-stage.tsx';

function aToken(secret: string | null) {
  return {
    id: 'at-1',
    type: 'authentication-tokens',
    attributes: {
      description: 'laptop',
      'created-at': aTime,
      'last-used-at': null,
      'expired-at': null,
      token: secret,
    },
  };
}

function setup(search = '') {
  return stagePage({
    page: <AccountPage />,
    path: pagePaths.tokens,
    address: `/app/settings/tokens${search}`,
    isOwner: false,
    answers: {
      'GET /users/user-alice/authentication-tokens': () => list([aToken(null)]),
      'POST /users/user-alice/authentication-tokens': () => ({ data: aToken('gh_once') }),
      'GET /account/sessions': () => ({ data: [] }),
    },
  });
}

describe('API tokens', () => {
  test('a new token is shown once, and no cache keeps it', async () => {
    const { cached } = setup();
    fireEvent.click(await screen.findByRole('button', { name: 'New token' }));
    fireEvent.change(screen.getByLabelText('Description'), { target: { value: 'laptop' } });
    fireEvent.click(screen.getByRole('button', { name: 'Make token' }));
    expect((await screen.findByTestId('new-token')).textContent).toBe('gh_once');
    expect(cached()).not.toContain('gh_once');
    fireEvent.click(screen.getByRole('button', { name: 'I have it' }));
    expect(document.body.innerHTML).not.toContain('gh_once');
  });

  test('terraform login finds the dialog open', async () => {
    setup('?source=terraform-login');
    expect(screen.getByLabelText<HTMLInputElement>('Description').value).toBe('terraform login');
  });

  test('revoking asks first', async () => {
    const { answers, writes } = setup();
    answers['DELETE /authentication-tokens/at-1'] = () => undefined;
    fireEvent.click(await screen.findByRole('button', { name: 'Revoke laptop' }));
    expect(writes()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Revoke token' }));
    await waitFor(() => expect(writes().map(({ path }) => path)).toEqual(['/authentication-tokens/at-1']));
  });
});
