import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter, useLocation } from 'react-router';
import { describe, expect, test } from 'vitest';
import { createApi } from '../src/api-client/api.ts';
import { createServerClock } from '../src/api-client/server-clock.ts';
import { App } from '../src/app.tsx';
import { ServicesProvider } from '../src/features/session/services.tsx';
import { pagePaths, pathTo } from '../src/pages/paths.ts';
import { PageTheme } from '../src/theme/page-theme.tsx';

const session = {
  data: { id: 's-1', type: 'sessions', attributes: { 'expires-at': '2026-05-03T14:00:00Z' } },
  included: [{ id: 'user-1', type: 'users', attributes: { username: 'alice', 'is-site-admin': false } }],
};
const organizations = {
  data: [{ id: 'acme', type: 'organizations', attributes: { name: 'acme', role: 'owner' } }],
};

/** An api that knows alice with the password `right`. */
function setup(address: string, isSignedInAtFirst: boolean, signedOut = 0) {
  let isSignedIn = isSignedInAtFirst;
  const sent: unknown[] = [];
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    if (init?.method === 'POST') {
      const body: unknown = JSON.parse(String(init.body));
      sent.push(body);
      isSignedIn = JSON.stringify(body).includes('right');
      return isSignedIn ? Response.json(session, { status: 201 }) : new Response(null, { status: 401 });
    }
    if (!isSignedIn) return new Response(null, { status: 401 });
    return Response.json(url.includes('/organizations') ? organizations : session);
  };
  const clock = createServerClock();
  const tree = (count: number) => (
    <PageTheme>
      <QueryClientProvider client={queries}>
        <ServicesProvider services={{ api: createApi({ fetch, clock }), fetch, clock }}>
          <MemoryRouter initialEntries={[address]}>
            <App signedOut={count} />
            <Address />
          </MemoryRouter>
        </ServicesProvider>
      </QueryClientProvider>
    </PageTheme>
  );
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(tree(signedOut));
  return {
    sent,
    endSession: () => view.rerender(tree(signedOut + 1)),
    address: () => screen.getByTestId('address').textContent,
  };
}

function Address() {
  const { pathname, search, hash } = useLocation();
  return <span data-testid="address">{`${pathname}${search}${hash}`}</span>;
}

function signIn(password: string) {
  fireEvent.change(screen.getByLabelText('User name'), { target: { value: 'alice' } });
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: password } });
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

describe('who is signed out', () => {
  test('goes to sign in, and comes back to where he was going, hash kept', async () => {
    const { address, sent } = setup('/app/acme/network-prod/runs/run-1?view=log#plan-L120', false);
    expect(await screen.findByText('You will go on to run-1 in network-prod.')).toBeDefined();
    signIn('right');
    await waitFor(() => expect(address()).toBe('/app/acme/network-prod/runs/run-1?view=log#plan-L120'));
    expect(sent).toEqual([{ username: 'alice', password: 'right' }]);
    expect(await screen.findByRole('navigation', { name: 'Gatehouse' })).toBeDefined();
  });

  test('goes to sign in from terraform login, and comes back with all that terraform asks', async () => {
    const asked =
      '/oauth/authorization?client_id=terraform-cli&redirect_uri=http%3A%2F%2Flocalhost%3A10003%2Flogin&state=a%26b';
    const { address } = setup(asked, false);
    expect(await screen.findByText('You will go on to terraform login.')).toBeDefined();
    signIn('right');
    await waitFor(() => expect(address()).toBe(asked));
  });

  test('is told of a wrong pair, with the password gone', async () => {
    setup('/sign-in', false);
    signIn('wrong');
    expect((await screen.findByRole('alert')).textContent).toContain('do not belong together');
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('');
  });
});

test('the answer that sent him to sign in asks for nothing more afterwards', async () => {
  const { address } = setup('/queue', false, 1);
  await screen.findByLabelText('User name');
  signIn('right');
  await waitFor(() => expect(address()).toBe('/queue'));
  await screen.findByRole('navigation', { name: 'Gatehouse' });
  expect(screen.queryByText('You are signed out')).toBeNull();
});

describe('who is signed in', () => {
  test('finds the way by the navigation of their rights: an owner operates too', async () => {
    setup('/nowhere', true);
    const nav = await screen.findByRole('navigation', { name: 'Gatehouse' });
    expect([...nav.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
      '/',
      '/terraform/acme/environments',
      '/queue',
      '/settings/organization_variables?organization=acme',
    ]);
    expect(screen.getByRole('heading', { name: 'Nothing here, or not for you' })).toBeDefined();
  });

  test.each([
    ['/app/acme?x=1#y', '/terraform/acme/environments?x=1#y'],
    ['/app/acme/data%20prod', '/terraform/acme/environments/data%20prod'],
    ['/app/acme/network-prod/runs', '/terraform/acme/environments/network-prod'],
    ['/app/settings/tokens?source=terraform-login', '/app/settings/tokens?source=terraform-login'],
  ])('is led from %s to %s', async (from, to) => {
    const { address } = setup(from, true);
    await screen.findByRole('navigation', { name: 'Gatehouse' });
    await waitFor(() => expect(address()).toBe(to));
  });

  test('signs in again over the page when the session ends', async () => {
    const { endSession, address } = setup('/queue', true);
    await screen.findByRole('navigation', { name: 'Gatehouse' });
    endSession();
    expect(await screen.findByText('You are signed out')).toBeDefined();
    expect(screen.getByLabelText<HTMLInputElement>('User name').value).toBe('alice');
    signIn('right');
    await waitFor(() => expect(screen.queryByText('You are signed out')).toBeNull());
    expect(address()).toBe('/queue');
  });
});

describe('the addresses', () => {
  test('of Terraform Enterprise are ours', () => {
    expect(pagePaths.settings).toBe('/terraform/:organization/environments/:environment/settings');
    expect(pagePaths.organizationVariables).toBe('/settings/organization_variables');
    expect(pathTo('run', { organization: 'acme', workspace: 'a b', runId: 'run-1' })).toBe(
      '/app/acme/a%20b/runs/run-1',
    );
  });
});
