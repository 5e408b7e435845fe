import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { RunPage } from '../../src/pages/run-page.tsx';
import { applying, aRefusal, eventsOfApply, inMinutes } from '../features/run/a-run.ts';
import { list, refusal, stagePage } from './page-stage.tsx';

type Document = { data: unknown; included: unknown[] };

const code = '048315';

// The page remembers whose devices were the reader's.
afterEach(() => window.localStorage.clear());

async function setup(first: Document, given: Record<string, () => unknown> = {}) {
  let run: unknown = first;
  const stage = stagePage({
    page: <RunPage />,
    path: pagePaths.run,
    address: '/app/acme/network-prod/runs/run-1',
    isOwner: false,
    answers: {
      'GET /runs/run-1': () => run,
      'GET /runs/run-1/run-events': () => list(eventsOfApply()),
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
    send: () => {
      const field = screen.getByRole('textbox', { name: /Code from MFA device/ });
      fireEvent.change(field, { target: { value: code } });
      const form = field.closest('form');
      if (form !== null) fireEvent.submit(form);
    },
  };
}

describe('an apply whose session ends before it', () => {
  test('asks for a code in its card, beside its log, and says what comes with and without one', async () => {
    await setup(applying({}));
    const card = within(await screen.findByTestId('apply-card'));
    const panel = within(card.getByTestId('code-panel'));
    expect(panel.getByRole('heading', { name: 'A code extends this session' })).toBeTruthy();
    expect(panel.getByTestId('mfa-lock').dataset['state']).toBe('waiting');
    expect(panel.getByText(/^8 min left, until \d\d:\d\d$/)).toBeTruthy();
    const words = panel.getByText(/terraform goes on with a longer session; nothing new is started/).textContent;
    expect(words).toMatch(/Without one it is interrupted at \d\d:\d\d\. What is done is saved in the state\.$/);
    // Those are of starting an apply, which this does not.
    expect(screen.queryByText(/starts changes to active infrastructure/)).toBeNull();
    expect(screen.queryByTestId('confirm-name')).toBeNull();
    expect(await card.findByRole('region', { name: 'Apply log, lines' })).toBeTruthy();
  });

  test('is amber in badge, tab and icon, and spoken once', async () => {
    const stage = await setup(applying());
    expect(screen.getByTestId('status-badge').textContent).toBe('Applying');
    expect(screen.getByTestId('spoken-status').textContent).toBe('');
    stage.become(applying({}, {}, { version: 2 }));
    await stage.refresh();
    await waitFor(() => expect(screen.getByTestId('status-badge').dataset['family']).toBe('need'));
    expect(screen.getByTestId('status-badge').textContent).toBe('Applying, code needed');
    expect(screen.getByTestId('spoken-status').textContent).toBe('Applying, code needed');
    expect(document.title).toBe('Code needed · network-prod · Gatehouse');
    expect(document.activeElement).toBe(document.body);
  });

  test('takes no name and no confirmation, and tells how long the session is then', async () => {
    const stage = await setup(applying({}), {
      'POST /runs/run-1/actions/authenticate': () => {
        stage.become(applying(null, { 'expires-at': inMinutes(60) }, { version: 3 }));
        return stage.answers['GET /runs/run-1']?.({ method: 'GET', path: '', body: undefined });
      },
    });
    stage.send();
    const told = (await screen.findByText(/^Session extended until \d\d:\d\d$/)).closest('[role=status]');
    expect(told?.textContent).toContain('Authenticated with MFA by alice. Terraform goes on.');
    expect(screen.queryByTestId('code-panel')).toBeNull();
    expect(stage.writes()).toEqual([
      {
        method: 'POST',
        path: '/runs/run-1/actions/authenticate',
        body: { 'token-code': code, device: 'organization' },
      },
    ]);
    // M7: who started it stays beside the phase.
    expect(within(screen.getByTestId('apply-card')).getByTestId('lock-line').textContent).toContain(
      'Authenticated with MFA by bob',
    );
    expect(document.documentElement.outerHTML).not.toContain(code);
  });

  test('leaves the focus on what comes next, not nowhere', async () => {
    const stage = await setup(applying({}));
    stage.field().focus();
    stage.become(applying(null, { 'expires-at': inMinutes(60) }, { version: 2 }));
    await stage.refresh();
    await waitFor(() => expect(document.activeElement?.tagName).toBe('H2'));
    expect(document.activeElement?.textContent).toContain('Apply');
  });

  test('that somebody else extends says who', async () => {
    const stage = await setup(applying({}));
    stage.become(applying({ state: 'exchanging', 'submitted-by': 'carol' }, {}, { version: 2 }));
    await stage.refresh();
    await waitFor(() => expect(screen.getByTestId('status-badge').textContent).toBe('Applying, checking code'));
    stage.become(applying(null, { 'expires-at': inMinutes(60) }, { version: 3 }));
    await stage.refresh();
    const told = (await screen.findByText(/^Session extended until/)).closest('[role=status]');
    expect(told?.textContent).toContain('Authenticated with MFA by carol');
  });

  test('a refused code turns the lock red, costs a try, and terraform goes on', async () => {
    const stage = await setup(applying({}), {
      'POST /runs/run-1/actions/authenticate': () => {
        stage.become(applying({ 'attempts-left': 4, 'last-error': aRefusal('mfa_rejected') }, {}, { version: 2 }));
        return refusal(422, 'mfa_rejected', 'AWS did not accept this code.');
      },
    });
    stage.send();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Type the code that the device shows now.');
    expect(within(screen.getByTestId('code-panel')).getByTestId('mfa-lock').dataset['state']).toBe('refused');
    expect(screen.getByText('4 tries left.')).toBeTruthy();
    expect(screen.getByTestId('status-badge').textContent).toBe('Applying, code refused');
    expect(document.title).toBe('Refused · network-prod · Gatehouse');
    expect(stage.field().value).toBe('');
  });

  test('without tries left says when terraform is interrupted', async () => {
    const stage = await setup(applying({ 'attempts-left': 1 }), {
      'POST /runs/run-1/actions/authenticate': () => {
        stage.become(applying(null, {}, { version: 2 }));
        return refusal(429, 'mfa_too_many_attempts', 'No tries left.');
      },
    });
    stage.send();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toMatch(
      /No tries left.*The session is not extended: terraform is interrupted at \d\d:\d\d, and what is done is saved\./,
    );
    expect(alert.textContent).not.toContain('Nothing of this phase ran');
    expect(screen.queryByText(/^Session extended/)).toBeNull();
  });

  test('whose time is up while nobody answered says that it was not extended', async () => {
    const stage = await setup(applying({ 'deadline-at': inMinutes(0) }, { 'stops-at': inMinutes(0) }));
    stage.become(applying(null, { 'stops-at': inMinutes(0) }, { version: 2 }));
    await stage.refresh();
    const told = (await screen.findByText('The session was not extended')).closest('[role=status]');
    expect(told?.textContent).toMatch(/Terraform is interrupted at \d\d:\d\d\. What is done is saved in the state\./);
    expect(screen.getByTestId('session-facts').textContent).toMatch(/Terraform was interrupted at \d\d:\d\d\./);
  });

  test('that waits no more for a reason the page does not know is not talked about', async () => {
    const stage = await setup(applying({}));
    stage.become(applying(null, {}, { version: 2 }));
    await stage.refresh();
    await waitFor(() => expect(screen.queryByTestId('code-panel')).toBeNull());
    expect(screen.queryByText(/extended$|^Session extended/)).toBeNull();
  });
});

describe('the session of a running phase', () => {
  test('shows its key, until when, and that a code is asked for before', async () => {
    await setup(applying());
    const facts = screen.getByTestId('session-facts').textContent;
    expect(facts).toMatch(/^AWS key ASIAIOSFODNN7EXAMPLE · session until \d\d:\d\d, 9 min left/);
    expect(facts).toMatch(
      /Another code is asked for before it ends\. Without one terraform is interrupted at \d\d:\d\d\./,
    );
    expect(within(screen.getByTestId('apply-card')).getByTestId('lock-line').textContent).toContain(
      'with bob’s own device …4821:mfa/bob',
    );
  });

  test('that was handed over as environment variables cannot be extended', async () => {
    await setup(applying(null, { 'is-extendable': false }));
    expect(screen.getByTestId('session-facts').textContent).toContain(
      'It cannot be extended: its keys were handed over as environment variables.',
    );
  });

  test('that takes no code is renewed by itself, so nothing is said of its end', async () => {
    await setup(applying(null, { 'is-extendable': false }, { 'mfa-level': 'never', mfa: null }));
    expect(screen.getByTestId('session-facts').textContent).toMatch(/session until \d\d:\d\d, 9 min left$/);
  });
});
