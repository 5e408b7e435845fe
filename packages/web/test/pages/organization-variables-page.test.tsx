import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { OrganizationVariablesPage } from '../../src/pages/organization-variables-page.tsx';
import { aMember, aVariable, list, refusal, stagePage } from './page-stage.tsx';

const secret = aVariable('AWS_SECRET_ACCESS_KEY', { sensitive: true, value: null });

async function setup({ isOwner = true, variables = [secret] } = {}) {
  const stage = stagePage({
    page: <OrganizationVariablesPage />,
    path: pagePaths.organizationVariables,
    address: '/settings/organization_variables?organization=acme',
    isOwner,
    answers: {
      'GET /organizations/acme/vars': () => list(variables),
      'GET /organizations/acme/organization-memberships': () => list([aMember('bob', 'owner')]),
    },
  });
  await screen.findByTestId('aws-checklist');
  return stage;
}

describe('variables of an organization', () => {
  test('it counts how many of the three AWS variables are set, and names the missing ones', async () => {
    await setup();
    const checklist = screen.getByTestId('aws-checklist');
    expect(checklist.textContent).toContain('MFA needs 1 of 3');
    expect(within(checklist).getByRole('button', { name: 'Set AWS_MFA_SERIAL_NUMBER' })).toBeTruthy();
  });

  test('an access key shows its ends, a device its name, a secret nothing', async () => {
    const arn = 'arn:aws:iam::123456784821:mfa/ops-alice';
    await setup({
      variables: [
        aVariable('AWS_ACCESS_KEY_ID', { value: 'AKIAIOSFODNN7EXA7Q2X' }),
        secret,
        aVariable('AWS_MFA_SERIAL_NUMBER', { value: arn }),
      ],
    });
    const table = screen.getByRole('table', { name: 'Variables of acme' });
    expect(table.textContent).toContain('AKIA…7Q2X');
    expect(table.textContent).toContain('…4821:mfa/ops-alice');
    expect(table.textContent).toContain('write-only');
    expect(table.textContent).not.toContain('AKIAIOSFODNN7EXA7Q2X');
  });

  test('"Replace" opens an empty field; what was typed is sent once and is kept nowhere', async () => {
    const { answers, writes, cached } = await setup();
    answers['PATCH /organizations/acme/vars/var-AWS_SECRET_ACCESS_KEY'] = () => ({ data: secret });
    fireEvent.click(screen.getByRole('button', { name: 'Replace AWS_SECRET_ACCESS_KEY' }));
    const field = screen.getByLabelText<HTMLTextAreaElement>('New value');
    expect(field.value).toBe('');
    fireEvent.change(field, { target: { value: 'wJalrXUtnFEMI/K7MDENG' } });
    fireEvent.click(screen.getByRole('button', { name: 'Save variable' }));
    await waitFor(() => expect(screen.queryByLabelText('New value')).toBeNull());
    expect(writes()).toHaveLength(1);
    expect(writes()[0]?.body).toEqual({
      data: {
        type: 'vars',
        attributes: { value: 'wJalrXUtnFEMI/K7MDENG', sensitive: true, hcl: false, description: '' },
      },
    });
    expect(document.body.innerHTML).not.toContain('wJalrXUtnFEMI');
    expect(cached()).not.toContain('wJalrXUtnFEMI');
  });

  test('a serial that no device has is refused with the reason beside the field', async () => {
    const { answers } = await setup();
    const reason = 'An MFA device is named by its ARN.';
    answers['POST /organizations/acme/vars'] = () => refusal(422, 'invalid_request', reason, '/data/attributes/value');
    fireEvent.click(screen.getByRole('button', { name: 'Set AWS_MFA_SERIAL_NUMBER' }));
    expect(screen.getByLabelText<HTMLInputElement>('Key').value).toBe('AWS_MFA_SERIAL_NUMBER');
    fireEvent.change(screen.getByLabelText('Value'), { target: { value: 'my-key' } });
    fireEvent.click(screen.getByRole('button', { name: 'Save variable' }));
    await screen.findByText(reason);
    expect(screen.getByLabelText('Value').getAttribute('aria-invalid')).toBe('true');
  });

  test('a member reads the names and is told who changes them', async () => {
    await setup({ isOwner: false, variables: [aVariable('TF_LOG', { value: null })] });
    expect(screen.getByText('set; owners read it')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Add|Change|Delete|Set/ })).toBeNull();
    expect(await screen.findByText('An owner can: bob.')).toBeTruthy();
  });
});
