import { describe, expect, test } from 'vitest';
import { chosenOrganization, organizationInAddress } from '../../../src/features/session/last-organization.ts';
import { nextInWords, safeNextPath, signInPath } from '../../../src/features/session/next-path.ts';

const origin = 'https://gatehouse.example';

describe('the way on after signing in', () => {
  test('keeps path, query and hash', () => {
    const from = { pathname: '/app/acme/network-prod/runs/run-1', search: '?view=log', hash: '#plan-L120-L134' };
    const search = new URL(signInPath(from), origin).searchParams;
    expect(safeNextPath(search.get('next'), origin)).toBe('/app/acme/network-prod/runs/run-1?view=log#plan-L120-L134');
  });

  test.each([
    null,
    '',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
  ])('never leads away: %j', (next) => {
    expect(new URL(safeNextPath(next, origin), origin).origin).toBe(origin);
    expect(safeNextPath(next, origin).startsWith('//')).toBe(false);
  });

  test('is told in words', () => {
    expect(nextInWords('/app/acme/network-prod/runs/run-8Kq2Vd#plan-L1')).toBe('run-8Kq2Vd in network-prod');
    expect(nextInWords('/terraform/acme/environments/data%20prod/settings')).toBe('data prod');
    expect(nextInWords('/oauth/authorization?client_id=terraform-cli&state=x')).toBe('terraform login');
    expect(nextInWords('/')).toBeUndefined();
  });
});

describe('the organization', () => {
  const organizations = [
    { name: 'acme', isOwner: false },
    { name: 'demo', isOwner: true },
  ];
  const memory = () => {
    const values = new Map<string, string>();
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => values.set(key, value),
    };
  };

  test('is the one of the address, and is remembered', () => {
    const storage = { ...memory() };
    const keeping = {
      getItem: storage.getItem,
      setItem: (key: string, value: string) => void storage.setItem(key, value),
    };
    expect(chosenOrganization(organizations, undefined, keeping)?.name).toBe('acme');
    expect(chosenOrganization(organizations, 'demo', keeping)?.name).toBe('demo');
    expect(chosenOrganization(organizations, undefined, keeping)?.name).toBe('demo');
    expect(chosenOrganization(organizations, 'not mine', keeping)?.name).toBe('demo');
    expect(chosenOrganization([], undefined, keeping)).toBeUndefined();
  });

  test.each([
    ['/terraform/acme/environments', '', 'acme'],
    ['/app/acme/x/runs/run-1', '', 'acme'],
    ['/app/settings/tokens', '', undefined],
    ['/settings/organization_variables', '?organization=demo', 'demo'],
    ['/', '', undefined],
  ])('of %s%s is %s', (pathname, search, name) => {
    expect(organizationInAddress(pathname, search)).toBe(name);
  });
});
