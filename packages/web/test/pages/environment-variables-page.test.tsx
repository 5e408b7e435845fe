import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { EnvironmentVariablesPage } from '../../src/pages/environment-variables-page.tsx';
import { aMember, aVariable, aWorkspace, list, stagePage } from './page-stage.tsx';

function aSet(name: string, attributes: Record<string, unknown> = {}) {
  const plain = { name, global: false, priority: false, 'var-count': 1 };
  return { id: `varset-${name}`, type: 'varsets', attributes: { ...plain, ...attributes } };
}

async function setup(workspace: Record<string, unknown> = {}) {
  const stage = stagePage({
    page: <EnvironmentVariablesPage />,
    path: pagePaths.variables,
    address: '/terraform/acme/environments/network-prod/variables',
    isOwner: true,
    answers: {
      'GET /organizations/acme/workspaces/network-prod': () => ({ data: aWorkspace(workspace) }),
      'GET /workspaces/ws-1/vars': () => list([aVariable('REGION')]),
      'GET /organizations/acme/vars': () => list([aVariable('AWS_MFA_SERIAL_NUMBER')]),
      'GET /workspaces/ws-1/varsets': () =>
        list([aSet('aws keys'), aSet('empty', { 'var-count': 0 }), aSet('must', { priority: true })]),
      'GET /varsets/varset-aws keys/relationships/vars': () =>
        list([
          { ...aVariable('AWS_ACCESS_KEY_ID'), id: 'var-1' },
          { ...aVariable('AWS_SECRET_ACCESS_KEY', { sensitive: true, value: null }), id: 'var-2' },
        ]),
      'GET /varsets/varset-must/relationships/vars': () => list([{ ...aVariable('REGION'), id: 'var-3' }]),
      'GET /organizations/acme/organization-memberships': () => list([aMember('alice', 'owner')]),
    },
  });
  const table = await screen.findByRole('table', { name: 'Variables' });
  const rows = within(table).getAllByRole('row').slice(1);
  return { ...stage, rows };
}

describe('variables of an environment', () => {
  test('what a set brings is shown with the name of the set, and cannot be changed here', async () => {
    const { rows } = await setup();
    const buttons = rows.map((row) => [
      row.textContent?.includes('this environment') ?? false,
      within(row).queryAllByRole('button').length,
    ]);
    expect(buttons.filter(([isOwn]) => isOwn)).toEqual([[true, 2]]);
    expect(buttons.filter(([isOwn]) => !isOwn)).toEqual([
      [false, 0],
      [false, 0],
      [false, 0],
      [false, 0],
    ]);
    const words = rows.map((row) => row.textContent ?? '');
    expect(words.find((text) => text.includes('AWS_ACCESS_KEY_ID'))).toContain('set “aws keys”');
    expect(words.filter((text) => text.includes('REGION'))).toEqual([
      expect.stringContaining('priority set “must”, over the environment'),
      expect.stringContaining('this environment, overridden by the priority set “must”'),
    ]);
    expect(screen.getByRole('button', { name: 'Change REGION' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Replace AWS_SECRET_ACCESS_KEY' })).toBeNull();
  });

  test('what MFA needs counts when it comes from a set', async () => {
    await setup();
    const checklist = screen.getByTestId('aws-checklist');
    expect(checklist.textContent).toContain('MFA needs 3 of 3');
    expect(checklist.textContent).not.toContain('missing');
  });

  test('where members answer with their own identities, what is not set is not called missing', async () => {
    await setup({ 'accepted-identities': 'members' });
    const checklist = screen.getByTestId('aws-checklist');
    expect(checklist.textContent).toContain("The organization's identity has 3 of 3");
    expect(checklist.textContent).toContain('Not required for codes: members answer with AWS identities of their own.');
  });

  test('where both are accepted, it says who cannot answer without the variables', async () => {
    const { answers, refresh } = await setup({ 'accepted-identities': 'both' });
    answers['GET /organizations/acme/vars'] = () => list([]);
    await refresh();
    const checklist = screen.getByTestId('aws-checklist');
    await waitFor(() => expect(checklist.textContent).toContain('AWS_MFA_SERIAL_NUMBER not set'));
    expect(checklist.textContent).toContain('Without all three, who has registered none cannot answer.');
    expect(checklist.textContent).not.toContain('missing');
  });
});
