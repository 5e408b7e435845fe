import { screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { EnvironmentsPage } from '../../src/pages/environments-page.tsx';
import { aRun, aWorkspace, list, refusal, stagePage } from './page-stage.tsx';

const workspaces = ['a-quiet', 'b-failed', 'c-running', 'd-waiting'].map((name, index) => ({
  ...aWorkspace({ name, 'mfa-level': 'applies_only' }),
  id: `ws-${index + 1}`,
}));
const runs = [
  aRun('run-2', { 'workspace-id': 'ws-2', 'gatehouse-status': 'errored', 'end-reason': 'terraform_failed' }),
  aRun('run-3', { 'workspace-id': 'ws-3', 'gatehouse-status': 'planning' }),
  aRun('run-4', { 'workspace-id': 'ws-4', 'gatehouse-status': 'planned', 'mfa-level': 'applies_only' }),
];

function setup({ isOwner = true, address = '/terraform/acme/environments', all = workspaces, isUp = true } = {}) {
  return stagePage({
    page: <EnvironmentsPage />,
    path: pagePaths.environments,
    address,
    isOwner,
    answers: {
      'GET /organizations/acme/workspaces': () =>
        isUp ? list(all) : refusal(503, 'unavailable', 'Gatehouse is starting.'),
      'GET /organizations/acme/runs': ({ path }) => {
        const words = /filter\[status\]=([^&]*)/.exec(path)?.[1]?.split(',') ?? [];
        return list(runs.filter(({ attributes }) => words.includes(attributes['gatehouse-status'])));
      },
    },
  });
}

describe('the list of environments', () => {
  test('who needs a person comes first, then what works, then what failed', async () => {
    setup();
    const table = await screen.findByRole('table', { name: 'Environments' });
    const rows = within(table).getAllByRole('row').slice(1);
    expect(rows.map((row) => row.getAttribute('data-row'))).toEqual(['d-waiting', 'c-running', 'b-failed', 'a-quiet']);
    expect(rows[0]?.textContent).toContain('Code needed: apply');
    expect(rows[0]?.textContent).toContain('applies only');
    expect(rows[3]?.textContent).toContain('No run yet');
  });

  test('an empty organization says what to do, to an owner only by a button', async () => {
    setup({ all: [], isOwner: false });
    expect(await screen.findByText('acme has no environment yet.')).toBeTruthy();
    expect(screen.getByText('An owner can make one.')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });

  test("another's organization is not found, and nothing is asked of the api", async () => {
    const { sent } = setup({ address: '/terraform/other/environments' });
    expect(screen.getByText('Nothing here, or not for you')).toBeTruthy();
    expect(sent).toEqual([]);
  });

  test('a failure says so and tries again on a press', async () => {
    const { answers } = setup({ isUp: false });
    expect(await screen.findByText('Gatehouse is starting.')).toBeTruthy();
    answers['GET /organizations/acme/workspaces'] = () => list(workspaces);
    screen.getByRole('button', { name: 'Try again' }).click();
    expect(await screen.findByRole('table', { name: 'Environments' })).toBeTruthy();
  });
});
