import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { RunPage } from '../../src/pages/run-page.tsx';
import { anMfa, aRefusal, awaitingApply, awaitingPlan, planOf } from '../features/run/a-run.ts';
import { aRun, list, refusal, stagePage } from './page-stage.tsx';

type Document = { data: unknown; included: unknown[] };

const code = '048315';

async function setup(first: Document, given: Record<string, () => unknown> = {}) {
  let run: unknown = first;
  const stage = stagePage({
    page: <RunPage />,
    path: pagePaths.run,
    address: '/app/acme/network-prod/runs/run-1',
    isOwner: false,
    answers: {
      'GET /runs/run-1': () => run,
      'GET /runs/run-1/run-events': () => list([]),
      ...given,
    },
  });
  await screen.findByTestId('run-page');
  return {
    ...stage,
    become: (next: Document) => {
      run = next;
    },
    field: () => screen.getByRole<HTMLInputElement>('textbox', { name: /Code from MFA device/ }),
    send: (digits: string) => {
      const field = screen.getByRole('textbox', { name: /Code from MFA device/ });
      fireEvent.change(field, { target: { value: digits } });
      const form = field.closest('form');
      if (form !== null) fireEvent.submit(form);
    },
    lock: () => screen.getAllByTestId('mfa-lock')[0]?.dataset['state'],
  };
}

test.each([
  ['latest', 'with terraform latest'],
  ['1.11.4', 'with terraform 1.11.4'],
  ['tofu-1.9.0', 'with OpenTofu 1.9.0'],
])('a run says which engine and version it is made with: %s', async (version, words) => {
  await setup({ data: aRun('run-1', { 'terraform-version': version }), included: [planOf()] });
  expect(screen.getByText(new RegExp(`^Asked by bob .* · ${words}$`))).toBeTruthy();
});

describe('a run that waits for a code', () => {
  test('says what the code starts, of which device, until when, in page and tab', async () => {
    const { lock } = await setup(awaitingPlan());
    const panel = within(screen.getByTestId('code-panel'));
    expect(panel.getByRole('heading', { name: 'A code starts this plan' })).toBeTruthy();
    expect(panel.getByText('A plan reads AWS and changes nothing; the apply asks again.')).toBeTruthy();
    expect(panel.getByText(/^29 min left, until/)).toBeTruthy();
    expect(panel.getByText('Waiting for a code')).toBeTruthy();
    expect(lock()).toBe('waiting');
    expect(document.title).toBe('Code needed · network-prod · Gatehouse');
  });

  test('a refusal turns the lock red, says why and what AWS said, empties the field, and the run still waits', async () => {
    const stage = await setup(awaitingPlan(), {
      'POST /runs/run-1/actions/authenticate': () => {
        stage.become(awaitingPlan({ 'attempts-left': 4, 'last-error': aRefusal('mfa_rejected') }, { version: 2 }));
        return refusal(422, 'mfa_rejected', 'AWS did not accept this code.');
      },
    });
    stage.send(code);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Type the code that the device shows now.');
    expect(alert.textContent).toContain('MultiFactorAuthentication failed (request req-7)');
    expect(stage.lock()).toBe('refused');
    expect(stage.field().value).toBe('');
    expect(screen.getByText('4 tries left.')).toBeTruthy();
    expect(screen.getByTestId('status-badge').textContent).toBe('Code refused, try again');
    expect(document.title).toBe('Refused · network-prod · Gatehouse');
  });

  test('an accepted code shows who gave it, and stays in no cache, address or element', async () => {
    const stage = await setup(awaitingPlan(), {
      'POST /runs/run-1/actions/authenticate': () => {
        const mfa = anMfa({ state: 'authenticated', 'authenticated-by': 'alice' });
        const run = aRun('run-1', {
          'gatehouse-status': 'planning',
          'mfa-level': 'plans_and_applies',
          mfa,
          version: 3,
        });
        stage.become({ data: run, included: [planOf({ mfa })] });
        return stage.answers['GET /runs/run-1']?.({ method: 'GET', path: '', body: undefined });
      },
    });
    stage.send(code);
    expect(await screen.findByText('Authenticated with MFA by alice')).toBeTruthy();
    expect(screen.queryByTestId('code-panel')).toBeNull();
    expect(stage.writes()).toEqual([
      {
        method: 'POST',
        path: '/runs/run-1/actions/authenticate',
        body: { 'token-code': code, device: 'organization' },
      },
    ]);
    const traces = [stage.cached(), document.documentElement.outerHTML, location.href, JSON.stringify(localStorage)];
    for (const trace of traces) expect(trace).not.toContain(code);
  });

  test('who comes second is told who was first, and that nothing went to AWS', async () => {
    const stage = await setup(awaitingPlan(), {
      'POST /runs/run-1/actions/authenticate': () => {
        const mfa = anMfa({ state: 'authenticated', 'authenticated-by': 'bob' });
        const run = aRun('run-1', {
          'gatehouse-status': 'plan_queued',
          'mfa-level': 'plans_and_applies',
          mfa,
          version: 3,
        });
        stage.become({ data: run, included: [planOf({ mfa })] });
        return refusal(409, 'mfa_not_awaited', 'No code is awaited.');
      },
    });
    stage.send(code);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('This run no longer waits for a code');
    expect(alert.textContent).toContain('bob was first. Your digits were not sent to AWS.');
  });

  test('an answer that was lost is looked up before anything is said', async () => {
    const stage = await setup(awaitingPlan(), {
      'POST /runs/run-1/actions/authenticate': () => {
        stage.become(awaitingPlan({ state: 'exchanging', 'submitted-by': 'alice' }, { version: 2 }));
        throw new TypeError('Failed to fetch');
      },
    });
    stage.send(code);
    await waitFor(() => expect(stage.lock()).toBe('exchanging'));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('who may not enter a code reads who can', async () => {
    await setup(awaitingPlan({}, { 'who-may-authenticate': ['bob', 'carol'] }));
    expect(screen.getByText('Those who can enter a code: bob, carol.')).toBeTruthy();
    expect(screen.queryByRole('textbox', { name: /Code from MFA device/ })).toBeNull();
  });

  test('an answer that is overtaken by a newer one does not take the run back', async () => {
    const stage = await setup(awaitingPlan({}, { version: 5 }));
    stage.become(awaitingPlan({ 'last-error': aRefusal('mfa_rejected') }, { version: 4 }));
    await stage.refresh();
    expect(stage.lock()).toBe('waiting');
  });
});

describe('a plan that destroys', () => {
  test('is sent only with the environment’s own name, and the digits stay', async () => {
    const stage = await setup(awaitingApply(), {
      'POST /runs/run-1/actions/authenticate': () => refusal(422, 'mfa_rejected', 'AWS did not accept this code.'),
    });
    expect(screen.getByText(/starts changes to active infrastructure: 1 added, 2 destroyed\./)).toBeTruthy();
    fireEvent.change(screen.getByTestId('confirm-name'), { target: { value: 'network-dev' } });
    stage.send(code);
    expect(stage.writes()).toEqual([]);
    expect(stage.field().value).toBe(code);
    fireEvent.change(screen.getByTestId('confirm-name'), { target: { value: 'network-prod' } });
    stage.send(code);
    await screen.findByRole('alert');
    expect(stage.writes()[0]?.body).toEqual({
      'token-code': code,
      device: 'organization',
      'confirm-name': 'network-prod',
    });
  });

  test('without a code it is applied by a press, after the name', async () => {
    const stage = await setup(awaitingApply({}, { 'mfa-level': 'never', mfa: null, actions: allActions }), {
      'POST /runs/run-1/actions/apply': () => undefined,
    });
    const apply = screen.getByRole<HTMLButtonElement>('button', { name: 'Apply' });
    expect(apply.disabled).toBe(true);
    fireEvent.change(screen.getByTestId('confirm-name'), { target: { value: 'network-prod' } });
    fireEvent.click(screen.getByRole('button', { name: 'Apply' }));
    await waitFor(() =>
      expect(stage.writes()).toEqual([
        { method: 'POST', path: '/runs/run-1/actions/apply', body: { 'confirm-name': 'network-prod' } },
      ]),
    );
  });
});

const allActions = {
  'is-cancelable': false,
  'is-confirmable': true,
  'is-discardable': true,
  'is-authenticatable': false,
  'is-session-revocable': false,
};

describe('what ends a run', () => {
  test('asks first, and is off when the run went on meanwhile', async () => {
    const stage = await setup(awaitingPlan());
    fireEvent.click(screen.getByRole('button', { name: 'Cancel run' }));
    const dialog = screen.getByRole('alertdialog', { name: 'Cancel this run of network-prod?' });
    stage.become(awaitingPlan({ state: 'exchanging' }, { version: 2 }));
    await stage.refresh();
    expect(await within(dialog).findByText('The run went on meanwhile: Checking code.')).toBeTruthy();
    expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Cancel run' }).disabled).toBe(true);
    expect(stage.writes()).toEqual([]);
  });

  test('the deadline shows the reason, no field, and queues the same anew', async () => {
    const ended = awaitingPlan(
      { state: 'given_up' },
      { 'gatehouse-status': 'errored', 'end-reason': 'mfa_deadline_passed', 'ended-at': '2026-05-03T12:30:00.000Z' },
    );
    const stage = await setup(ended, { 'POST /runs': () => ({ data: { id: 'run-2' } }) });
    const card = within(screen.getByTestId('outcome-card'));
    expect(card.getByRole('heading', { name: 'No code came in time' })).toBeTruthy();
    expect(card.getByTestId('mfa-lock').dataset['state']).toBe('expired');
    expect(screen.queryByTestId('code-panel')).toBeNull();
    expect(document.title).toBe('Errored: no code · network-prod · Gatehouse');
    fireEvent.click(card.getByRole('button', { name: 'Queue it again' }));
    await waitFor(() => expect(screen.getByTestId('address').textContent).toBe('/app/acme/network-prod/runs/run-2'));
    expect(stage.writes()[0]?.body).toMatchObject({ data: { relationships: { workspace: { data: { id: 'ws-1' } } } } });
  });
});

test('a run under another address is led to its own', async () => {
  stagePage({
    page: <RunPage />,
    path: pagePaths.run,
    address: '/app/acme/other/runs/run-1?view=log',
    isOwner: false,
    answers: { 'GET /runs/run-1': () => awaitingPlan(), 'GET /runs/run-1/run-events': () => list([]) },
  });
  await screen.findByTestId('run-page');
  expect(screen.getByTestId('address').textContent).toBe('/app/acme/network-prod/runs/run-1?view=log');
});

test('a run that is not there, or not for me, is one page', async () => {
  stagePage({
    page: <RunPage />,
    path: pagePaths.run,
    address: '/app/acme/network-prod/runs/run-9',
    isOwner: false,
    answers: {},
  });
  expect(await screen.findByText('Nothing here, or not for you')).toBeTruthy();
});
