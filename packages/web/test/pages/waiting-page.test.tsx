import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { WaitingPage } from '../../src/pages/waiting-page.tsx';
import { aDevice, anMfa, inMinutes, myDevice } from '../features/run/a-run.ts';
import { aRun, aTime, list, refusal, stagePage } from './page-stage.tsx';

const code = '048315';

// The page remembers whose devices were the reader's.
afterEach(() => window.localStorage.clear());

function aWait(id: string, attributes: Record<string, unknown> = {}, mfa: Record<string, unknown> | null = {}) {
  return {
    id,
    type: 'waits',
    attributes: {
      kind: mfa === null ? 'decision' : 'code',
      phase: 'plan',
      'waiting-since': aTime,
      'deadline-at': new Date(Date.now() + 29.5 * 60_000).toISOString(),
      organization: 'acme',
      'workspace-name': `env-${id}`,
      'run-id': id,
      'run-message': '',
      'run-source': 'terraform+cloud',
      'run-created-by': 'bob',
      'run-version': 1,
      'gatehouse-status': 'awaiting_mfa',
      'plan-counts': null,
      destroys: false,
      'who-may-authenticate': ['alice'],
      mfa: mfa === null ? null : anMfa({ 'challenge-id': `mfa-${id}`, ...mfa }),
      ...attributes,
    },
  };
}

const anApply = { phase: 'apply', 'gatehouse-status': 'planned' };
const counts = { additions: 0, changes: 0, destructions: 14, imports: 0 };

async function setup(waits: readonly unknown[], given: Record<string, () => unknown> = {}) {
  let shown = waits;
  const stage = stagePage({
    page: <WaitingPage />,
    path: pagePaths.waiting,
    address: '/',
    isOwner: false,
    answers: {
      'GET /mfa-challenges': () => list(shown),
      'GET /organizations/acme/runs': () => list([]),
      ...given,
    },
  });
  if (waits.length > 0) await screen.findAllByTestId('wait-row');
  const box = (name: RegExp) => screen.getByRole<HTMLInputElement>('checkbox', { name });
  return {
    ...stage,
    become: async (next: readonly unknown[]) => {
      shown = next;
      await stage.refresh();
    },
    setWaits: (next: readonly unknown[]) => {
      shown = next;
    },
    box,
    send: () => {
      const field = screen.getByRole('textbox', { name: /Code from MFA device/ });
      fireEvent.change(field, { target: { value: code } });
      const form = field.closest('form');
      if (form !== null) fireEvent.submit(form);
    },
    outcomeOf: (id: string) =>
      screen.getAllByTestId('wait-row').find((row) => row.dataset['run'] === id)?.dataset['outcome'],
  };
}

describe('the ticks', () => {
  test('plans come ticked, applies are ticked by hand, what destroys not at all', async () => {
    const { box } = await setup([
      aWait('a'),
      aWait('b', anApply, { phase: 'apply' }),
      aWait('c', { ...anApply, destroys: true, 'plan-counts': counts }, { phase: 'apply' }),
    ]);
    expect([box(/env-a/), box(/env-b/), box(/env-c/)].map(({ checked, disabled }) => [checked, disabled])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
    expect(screen.getByText('Starts 1 plan, 0 applies.')).toBeTruthy();
    expect(screen.getByText('destroys: open to confirm')).toBeTruthy();
    expect(screen.getByText('−14')).toBeTruthy();
    expect(screen.queryByText(/starts changes to active infrastructure/)).toBeNull();
    fireEvent.click(box(/env-b/));
    expect(screen.getByText(/starts changes to active infrastructure/)).toBeTruthy();
  });

  test('what comes while somebody is at the code is not ticked', async () => {
    const { box, become } = await setup([aWait('a')]);
    screen.getByRole('textbox', { name: /Code from MFA device/ }).focus();
    await become([aWait('a'), aWait('b')]);
    await waitFor(() => expect(box(/env-b/).checked).toBe(false));
    expect(box(/env-a/).checked).toBe(true);
  });

  test('runs of another device stand apart, decisions too', async () => {
    await setup([
      aWait('a'),
      aWait('b', {}, { devices: [aDevice({ id: 'device-2', label: '…4821:mfa/breakglass' })] }),
      aWait('c', { ...anApply, 'deadline-at': null }, null),
    ]);
    const groups = screen.getAllByTestId('wait-group');
    expect(groups.map((group) => within(group).getAllByTestId('wait-row').length)).toEqual([1, 1]);
    expect(within(screen.getByTestId('decisions')).queryByRole('checkbox')).toBeNull();
  });
});

describe('one code', () => {
  test('is sent once for all that is ticked, and each row tells its own outcome', async () => {
    const stage = await setup([aWait('a'), aWait('b'), aWait('c')], {
      'POST /organizations/acme/actions/authenticate': () => {
        stage.setWaits([aWait('c')]);
        return list([
          outcome('a', 'authenticated'),
          outcome('b', 'failed', { code: 'mfa_deadline_passed', title: 'No code came in time', detail: 'Too late.' }),
        ]);
      },
    });
    fireEvent.click(stage.box(/env-c/));
    stage.send();
    stage.send();
    expect(await screen.findByText('Released')).toBeTruthy();
    expect(stage.writes().map(({ body }) => body)).toEqual([
      { 'run-ids': ['a', 'b'], 'token-code': code, device: 'organization' },
    ]);
    expect(['a', 'b', 'c'].map(stage.outcomeOf)).toEqual(['authenticated', 'failed', undefined]);
    expect(screen.getByText('No code came in time')).toBeTruthy();
    expect(stage.cached()).not.toContain(code);
    fireEvent.click(screen.getByRole('button', { name: 'Clear outcomes' }));
    expect(screen.getAllByTestId('wait-row').length).toBe(1);
  });

  test('that released nothing is refused, in the words of its reason', async () => {
    const stage = await setup([aWait('a')], {
      'POST /organizations/acme/actions/authenticate': () => {
        return list([outcome('a', 'failed', { code: 'mfa_rejected', title: 'No', detail: 'No.' })]);
      },
    });
    stage.send();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Type the code that the device shows now.');
    expect(stage.outcomeOf('a')).toBe('failed');
    expect(stage.box(/env-a/).checked).toBe(true);
  });

  test('that could not be looked at says why', async () => {
    const stage = await setup([aWait('a')], {
      'POST /organizations/acme/actions/authenticate': () => refusal(429, 'too_many_requests', 'Later.'),
    });
    stage.send();
    expect((await screen.findByRole('alert')).textContent).toContain('Too many codes in a short time');
  });
});

describe('an apply whose session ends', () => {
  const running = { phase: 'apply', 'gatehouse-status': 'applying', destroys: true, 'deadline-at': inMinutes(8.9) };
  const extension = { phase: 'apply', purpose: 'extend' };

  test('says so, comes ticked, starts nothing, and is extended with the others by one code', async () => {
    const stage = await setup([aWait('a'), aWait('b', running, extension)], {
      'POST /organizations/acme/actions/authenticate': () => {
        stage.setWaits([]);
        return list([outcome('a', 'authenticated'), outcome('b', 'authenticated')]);
      },
    });
    const row = screen.getAllByTestId('wait-row').find(({ dataset }) => dataset['run'] === 'b');
    expect(row?.textContent).toContain('apply running');
    expect(row?.textContent).toContain('session ends in 8 min');
    expect(stage.box(/env-b apply running/).checked).toBe(true);
    expect(screen.getByText('Starts 1 plan, 0 applies. Extends 1 session.')).toBeTruthy();
    expect(screen.queryByText(/starts changes to active infrastructure/)).toBeNull();
    stage.send();
    expect(await screen.findByText('Extended')).toBeTruthy();
    expect(screen.getByText('Released')).toBeTruthy();
    expect(stage.writes().map(({ body }) => body)).toEqual([
      { 'run-ids': ['a', 'b'], 'token-code': code, device: 'organization' },
    ]);
  });

  test('alone says that nothing new is started', async () => {
    await setup([aWait('b', running, extension)]);
    expect(screen.getByText('Extends 1 session. Nothing new is started.')).toBeTruthy();
  });

  test('is another row than its start was: the tick is its own', async () => {
    const { box, become } = await setup([aWait('b', anApply, { phase: 'apply' })]);
    expect(box(/env-b/).checked).toBe(false);
    await become([aWait('b', running, { ...extension, 'challenge-id': 'mfa-b-2' })]);
    await waitFor(() => expect(box(/env-b apply running/).checked).toBe(true));
  });
});

describe('devices of one’s own', () => {
  test('answer by default; the choice is that of all runs of the group, and is sent', async () => {
    const stage = await setup(
      [aWait('a', {}, { devices: [myDevice, aDevice()] }), aWait('b', {}, { devices: [myDevice, aDevice()] })],
      { 'POST /organizations/acme/actions/authenticate': () => list([outcome('a', 'authenticated')]) },
    );
    expect(screen.getByRole('heading', { name: /Device …4821:mfa\/alice \(yours\) 2/ })).toBeTruthy();
    fireEvent.click(screen.getByRole('radio', { name: /^the organization’s/ }));
    expect(screen.getByRole('heading', { name: /Device …4821:mfa\/ops-alice 2/ })).toBeTruthy();
    stage.send();
    await waitFor(() =>
      expect(stage.writes().map(({ body }) => body)).toEqual([
        { 'run-ids': ['a', 'b'], 'token-code': code, device: 'organization' },
      ]),
    );
  });

  test('one that a run does not accept is no choice for its group', async () => {
    await setup([aWait('a', {}, { devices: [myDevice, aDevice()] }), aWait('b', {}, { devices: [myDevice] })]);
    expect(screen.getAllByTestId('wait-group').length).toBe(1);
    expect(screen.queryByRole('radio')).toBeNull();
  });

  test('without one that is accepted there is no field, but the way to register it', async () => {
    const { box } = await setup([aWait('a', { 'who-may-authenticate': ['bob'] }, { devices: [] })]);
    expect(box(/env-a/).disabled).toBe(true);
    expect(screen.getByText('asks for a device of your own')).toBeTruthy();
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByRole('link', { name: 'Register your AWS identity' })).toBeTruthy();
  });
});

test('nothing waits: my own last runs are shown', async () => {
  await setup([], {
    'GET /organizations/acme/runs': () =>
      list([
        aRun('run-mine', { 'created-by': 'alice', message: 'my change' }),
        aRun('run-other', { message: 'theirs' }),
      ]),
  });
  expect(await screen.findByText('Nothing waits for you.')).toBeTruthy();
  expect(await screen.findByRole('link', { name: /my change/ })).toBeTruthy();
  expect(screen.queryByText(/theirs/)).toBeNull();
});

function outcome(runId: string, word: string, error: Record<string, string> | null = null) {
  return { id: runId, type: 'mfa-outcomes', attributes: { 'run-id': runId, outcome: word, error } };
}
