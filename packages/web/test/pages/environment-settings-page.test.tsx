import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { EnvironmentSettingsPage } from '../../src/pages/environment-settings-page.tsx';
import { aMember, anAwsSession, aRun, aVariable, aWorkspace, list, refusal, stagePage } from './page-stage.tsx';

async function setup({ isOwner = true, variables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] } = {}) {
  const stage = stagePage({
    page: <EnvironmentSettingsPage />,
    path: pagePaths.settings,
    address: '/terraform/acme/environments/network-prod/settings',
    isOwner,
    answers: {
      'GET /organizations/acme/workspaces/network-prod': () => ({ data: aWorkspace() }),
      'GET /workspaces/ws-1/vars': () => list([aVariable('AWS_ACCESS_KEY_ID')]),
      'GET /organizations/acme/vars': () => list(variables.map((key) => aVariable(key))),
      'GET /workspaces/ws-1/varsets': () => list([]),
      'GET /workspaces/ws-1/runs': () => list([aRun('run-1', { 'gatehouse-status': 'planning' })]),
      'GET /organizations/acme/organization-memberships': () =>
        list([aMember('bob', 'owner'), aMember('carol', 'owner'), aMember('alice', isOwner ? 'owner' : 'member')]),
      'GET /workspaces/ws-1/aws-session': () => anAwsSession(),
      'PATCH /workspaces/ws-1': () => ({
        data: aWorkspace({ 'mfa-level': 'applies_only', 'updated-at': '2026-05-03T12:10:00.000Z' }),
      }),
    },
  });
  const select = await screen.findByLabelText<HTMLSelectElement>('AWS Multi-Factor Authentication');
  const choose = (value: string) => fireEvent.change(select, { target: { value } });
  return { ...stage, select, choose };
}

describe('settings of an environment', () => {
  test('the select has the three levels in their words, and the warning always shows', async () => {
    const { select } = await setup();
    expect([...select.options].map(({ text }) => text)).toEqual(['never', 'applies only', 'plans and applies']);
    expect(screen.getByText('The code is the confirmation.')).toBeTruthy();
    expect(screen.getByText(/starts changes to active infrastructure without a further confirmation/)).toBeTruthy();
  });

  test('each needed variable says where its value comes from, and a missing one where to set it', async () => {
    await setup();
    const items = await screen.findByRole('list', { name: 'Needed for codes' });
    expect([...items.children].map((item) => item.textContent)).toEqual([
      'AWS_ACCESS_KEY_IDfrom the environment',
      'AWS_SECRET_ACCESS_KEYfrom the organization',
      'AWS_MFA_SERIAL_NUMBERmissing Set it',
    ]);
  });

  test('saving sends only what was changed, and open runs are said to keep their level', async () => {
    const { choose, writes } = await setup();
    await screen.findByText('Applies to runs queued after you save.');
    choose('applies_only');
    expect(screen.getByTestId('kept-levels').textContent).toBe(
      'Applies to runs queued after you save. 1 open run keeps “never”.',
    );
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Saved.');
    expect(writes()).toEqual([
      {
        method: 'PATCH',
        path: '/workspaces/ws-1',
        body: { data: { type: 'workspaces', attributes: { 'mfa-level': 'applies_only' } } },
      },
    ]);
  });

  test('who is no owner reads the level, cannot save, and is told who can', async () => {
    const { select } = await setup({ isOwner: false });
    expect(select.disabled).toBe(true);
    expect(await screen.findByText('An owner can: bob, carol.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  });

  test('what another owner saves never overwrites an edited form; it is loaded on a press', async () => {
    const { select, choose, answers, refresh } = await setup();
    const at = '2026-05-03T12:05:00.000Z';
    answers['GET /organizations/acme/workspaces/network-prod'] = () => ({
      data: aWorkspace({ 'mfa-level': 'plans_and_applies', 'updated-at': at }),
    });
    answers['GET /organizations/acme/audit-records'] = () =>
      list([
        {
          id: 'audit-1',
          type: 'audit-records',
          attributes: {
            at,
            action: 'workspace.mfa_level_changed',
            actor: 'bob',
            'target-type': 'workspaces',
            'target-id': 'ws-1',
            details: {},
          },
        },
      ]);
    choose('applies_only');
    await act(() => refresh());
    await screen.findByText(/^bob changed this/);
    expect(select.value).toBe('applies_only');
    fireEvent.click(screen.getByRole('button', { name: 'Load it' }));
    expect(select.value).toBe('plans_and_applies');
    expect(screen.queryByText(/changed this/)).toBeNull();
  });

  test('an untouched form follows', async () => {
    const { select, answers, refresh } = await setup();
    answers['GET /organizations/acme/workspaces/network-prod'] = () => ({
      data: aWorkspace({ 'mfa-level': 'plans_and_applies', 'updated-at': '2026-05-03T12:05:00.000Z' }),
    });
    await act(() => refresh());
    await waitFor(() => expect(select.value).toBe('plans_and_applies'));
    expect(screen.queryByText(/changed this/)).toBeNull();
  });

  test('a refusal stands beside its field, and what was typed stays', async () => {
    const { answers } = await setup();
    answers['PATCH /workspaces/ws-1'] = () =>
      refusal(422, 'invalid_request', 'role-arn: A role is named by its ARN.', '/data/attributes/role-arn');
    const role = screen.getByLabelText<HTMLInputElement>('Role ARN');
    fireEvent.change(role, { target: { value: 'nonsense' } });
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('A role is named by its ARN.');
    expect(role.value).toBe('nonsense');
  });

  test('an environment is deleted only after its exact name was typed, and the name is sent', async () => {
    const { answers, writes } = await setup();
    answers['DELETE /workspaces/ws-1'] = () => undefined;
    fireEvent.click(screen.getByRole('button', { name: 'Delete network-prod' }));
    const remove = screen.getByRole<HTMLButtonElement>('button', { name: 'Delete environment' });
    const name = screen.getByLabelText(/^Type/);
    fireEvent.change(name, { target: { value: 'network' } });
    expect(remove.disabled).toBe(true);
    fireEvent.change(name, { target: { value: 'network-prod' } });
    fireEvent.click(remove);
    await screen.findByText('Elsewhere');
    expect(writes().map(({ path }) => path)).toEqual(['/workspaces/ws-1?confirm-name=network-prod']);
  });
});
