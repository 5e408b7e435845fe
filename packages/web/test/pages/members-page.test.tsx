import { screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { MembersPage } from '../../src/pages/members-page.tsx';
import { aMember, anIdentity, list, stagePage } from './page-stage.tsx';

async function setup({ isOwner = true, identities = [anIdentity({ username: 'bob' })] } = {}) {
  const stage = stagePage({
    page: <MembersPage />,
    path: pagePaths.members,
    address: '/settings/members?organization=acme',
    isOwner,
    answers: {
      'GET /organizations/acme/organization-memberships': () => list([aMember('bob', 'owner')]),
      'GET /organizations/acme/aws-identities': () => list(identities),
    },
  });
  await screen.findByRole('table', { name: 'Members' });
  return stage;
}

describe('AWS identities of members', () => {
  test('an owner sees who registered which', async () => {
    await setup();
    const table = await screen.findByRole('table', { name: 'AWS identities of members' });
    const [, row] = within(table).getAllByRole('row');
    for (const words of ['bob', 'AKIAIOSFODNN7EXAMPLE', '…4821:mfa/alice', 'arn:aws:iam::123456784821:user/alice']) {
      expect(row?.textContent).toContain(words);
    }
  });

  test('it says when there is none', async () => {
    await setup({ identities: [] });
    await screen.findByText('No member has registered one.');
  });

  test('who is no owner does not even ask', async () => {
    const { sent } = await setup({ isOwner: false });
    expect(screen.queryByText('AWS identities of members')).toBeNull();
    expect(sent.filter(({ path }) => path.includes('aws-identities'))).toEqual([]);
  });
});
