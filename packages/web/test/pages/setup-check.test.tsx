import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { OrganizationVariablesPage } from '../../src/pages/organization-variables-page.tsx';
import { aCheck, aMember, list, probe, refusal, stagePage } from './page-stage.tsx';

async function setup({ isOwner = true } = {}) {
  const stage = stagePage({
    page: <OrganizationVariablesPage />,
    path: pagePaths.organizationVariables,
    address: '/settings/organization_variables?organization=acme',
    isOwner,
    answers: {
      'GET /organizations/acme/vars': () => list([]),
      'GET /organizations/acme/organization-memberships': () => list([aMember('bob', 'owner')]),
    },
  });
  await screen.findByTestId('aws-checklist');
  const check = () => fireEvent.click(screen.getByRole('button', { name: 'Check AWS set-up' }));
  const type = (value: string) => fireEvent.change(screen.getByLabelText(/^MFA code/), { target: { value } });
  return { ...stage, check, type };
}

const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:TagSession' }] };

describe('the check of the AWS set-up', () => {
  test('each probe says in a word how it stands, why, and what to paste', async () => {
    const { answers, check } = await setup();
    answers['POST /organizations/acme/aws-checks'] = () =>
      aCheck([
        probe('variables', 'passed', { title: 'All three variables are set', detail: '' }),
        probe('keys', 'failed', { title: 'The secret is another one', detail: 'Copy it again from IAM.' }),
        probe('clock', 'warned', { title: 'The clock is off', detail: 'Let a time service set it.' }),
        probe('role', 'warned', { title: 'The role takes no tags', detail: 'Allow it.', policy }),
        probe('device', 'skipped', { title: 'The device', detail: 'The keys come first.' }),
      ]);
    check();
    const found = await screen.findByRole('list', { name: 'What the check found' });
    const items = within(found).getAllByRole('listitem');
    expect(items.map((item) => item.querySelector('span')?.textContent)).toEqual([
      'Passed',
      'Failed',
      'Warning',
      'Warning',
      'Skipped',
    ]);
    expect(items.every((item) => item.querySelector('svg') !== null)).toBe(true);
    expect(items[1]?.textContent).toBe('FailedThe secret is another oneCopy it again from IAM.');
    const pasted = within(found).getByRole('region', { name: 'policy' });
    expect(JSON.parse(pasted.textContent ?? '')).toEqual(policy);
    expect(within(found).getByRole('button', { name: 'Copy policy' })).toBeTruthy();
    expect(screen.getByText('1 of 5 failed; what to do stands beside it.').role).toBe('status');
  });

  test('without a code none is sent; with one it is sent once and is forgotten', async () => {
    const { answers, check, type, writes, remembered } = await setup();
    answers['POST /organizations/acme/aws-checks'] = () => aCheck([probe('role', 'passed')]);
    check();
    await screen.findByText('Everything is right.');
    type('048315');
    check();
    await waitFor(() => expect(writes()).toHaveLength(2));
    await screen.findByText('Everything is right.');
    expect(writes().map(({ body }) => body)).toEqual([
      { data: { type: 'aws-checks', attributes: { identity: 'organization' } } },
      { data: { type: 'aws-checks', attributes: { identity: 'organization', 'token-code': '048315' } } },
    ]);
    expect(document.documentElement.outerHTML).not.toContain('048315');
    expect(screen.getByLabelText<HTMLInputElement>(/^MFA code/).value).toBe('');
    expect(remembered()).not.toContain('048315');
  });

  test('what is no code is not sent', async () => {
    const { check, type, writes } = await setup();
    type('0483');
    check();
    await screen.findByText('A code has six digits. This has 4.');
    expect(writes()).toEqual([]);
  });

  test('the button is busy while a worker asks', async () => {
    const { answers, check, writes } = await setup();
    let answer: (found: object) => void = () => {};
    answers['POST /organizations/acme/aws-checks'] = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    check();
    await screen.findByText('A worker asks AWS. This changes nothing there.');
    check();
    expect(writes()).toHaveLength(1);
    answer(aCheck([probe('keys', 'passed')]));
    await screen.findByText('Everything is right.');
  });

  test('where no worker answered it says so, and shows the answer that comes later', async () => {
    const { answers, check } = await setup();
    answers['POST /organizations/acme/aws-checks'] = () => aCheck([], 'waiting');
    answers['GET /aws-checks/awschk-1'] = () => aCheck([], 'waiting');
    check();
    const notice = await screen.findByText('No worker answered');
    expect(notice).toBeTruthy();
    answers['GET /aws-checks/awschk-1'] = () => aCheck([probe('keys', 'warned')]);
    await screen.findByText('It works; 1 of 1 could be better.', {}, { timeout: 5_000 });
    expect(screen.queryByText('No worker answered')).toBeNull();
  });

  test('what could not be asked is said in the words of the api', async () => {
    const { answers, check } = await setup();
    answers['POST /organizations/acme/aws-checks'] = () =>
      refusal(503, 'aws_check_unanswered', 'No worker answered in 10 s. Start one.');
    check();
    expect((await screen.findByRole('alert')).textContent).toContain('No worker answered in 10 s. Start one.');
  });

  test('who is no owner is not offered it', async () => {
    await setup({ isOwner: false });
    expect(screen.queryByRole('button', { name: 'Check AWS set-up' })).toBeNull();
  });
});
