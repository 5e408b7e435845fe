import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { RunPage } from '../../src/pages/run-page.tsx';
import { aDevice, awaitingApply, awaitingPlan, inMinutes, myDevice } from '../features/run/a-run.ts';
import { list, refusal, stagePage } from './page-stage.tsx';

type Document = { data: unknown; included: unknown[] };

const code = '048315';

// The page remembers whose devices were the reader's.
afterEach(() => window.localStorage.clear());

async function setup(run: Document, given: Record<string, () => unknown> = {}) {
  const stage = stagePage({
    page: <RunPage />,
    path: pagePaths.run,
    address: '/app/acme/network-prod/runs/run-1',
    isOwner: false,
    answers: { 'GET /runs/run-1': () => run, 'GET /runs/run-1/run-events': () => list([]), ...given },
  });
  await screen.findByTestId('run-page');
  return {
    ...stage,
    send: () => {
      const field = screen.getByRole('textbox', { name: /Code from MFA device/ });
      fireEvent.change(field, { target: { value: code } });
      const form = field.closest('form');
      if (form !== null) fireEvent.submit(form);
    },
  };
}

describe('before the code', () => {
  const short = { 'duration-seconds': 3600, 'expected-seconds': 7800, 'limit-seconds': 3600, 'is-enough': false };

  test('a phase that usually takes longer than AWS gives says that another code will be asked for', async () => {
    await setup(awaitingApply({ 'planned-session': short }));
    const note = screen.getByText('One code may not be enough').closest('[role=note]');
    expect(note?.textContent).toContain(
      'AWS gives a session of at most 1 h 00 min here. This apply usually takes about 2 h 10 min.',
    );
    expect(note?.textContent).toContain('Another code will then be asked for while it runs.');
  });

  test('one that fits says nothing', async () => {
    await setup(awaitingApply({ 'planned-session': { ...short, 'is-enough': true } }));
    expect(screen.queryByText('One code may not be enough')).toBeNull();
  });
});

describe('the device that answers', () => {
  test('is one’s own by default, and the choice is sent', async () => {
    const stage = await setup(awaitingPlan({ devices: [myDevice, aDevice()] }), {
      'POST /runs/run-1/actions/authenticate': () => refusal(422, 'mfa_rejected', 'AWS did not accept this code.'),
    });
    expect(screen.getByRole('textbox', { name: 'Code from MFA device …4821:mfa/alice (yours)' })).toBeTruthy();
    const choice = within(screen.getByRole('group', { name: 'Answer with' }));
    expect(choice.getByRole<HTMLInputElement>('radio', { name: /^your device/ }).checked).toBe(true);
    fireEvent.click(choice.getByRole('radio', { name: /^the organization’s …4821:mfa\/ops-alice/ }));
    expect(screen.getByRole('textbox', { name: 'Code from MFA device …4821:mfa/ops-alice' })).toBeTruthy();
    stage.send();
    await screen.findByRole('alert');
    fireEvent.click(choice.getByRole('radio', { name: /^your device/ }));
    stage.send();
    await waitFor(() =>
      expect(stage.writes().map(({ body }) => body)).toEqual([
        { 'token-code': code, device: 'organization' },
        { 'token-code': code, device: 'own' },
      ]),
    );
  });

  test('is spent by itself: the other one still answers', async () => {
    const spent = { 'code-spent-until': inMinutes(0.9), 'code-spent-by': 'alice', 'code-spent-for': 'dns-prod' };
    await setup(awaitingPlan({ devices: [{ ...myDevice, ...spent }, aDevice()] }));
    expect(screen.getByText(/alice used this code for dns-prod\./)).toBeTruthy();
    fireEvent.click(screen.getByRole('radio', { name: /^the organization’s/ }));
    expect(screen.queryByText(/alice used this code for dns-prod\./)).toBeNull();
  });

  test('of which there is one is no choice', async () => {
    await setup(awaitingPlan());
    expect(screen.queryByRole('group', { name: 'Answer with' })).toBeNull();
  });

  test('of which there is none has no field, but the way to register one', async () => {
    await setup(awaitingPlan({ devices: [] }, { 'who-may-authenticate': ['bob'] }));
    const panel = within(screen.getByTestId('code-panel'));
    expect(panel.queryByRole('textbox')).toBeNull();
    expect(panel.getByText('Those who can enter a code: bob.')).toBeTruthy();
    expect(panel.getByRole('link', { name: 'Register your AWS identity' }).getAttribute('href')).toBe(
      '/app/settings/tokens',
    );
  });

  test('of one’s own that AWS does not know is blamed, not the organization’s variables', async () => {
    const stage = await setup(awaitingPlan({ devices: [myDevice] }), {
      'POST /runs/run-1/actions/authenticate': () => refusal(422, 'mfa_serial_unknown', 'No.'),
    });
    stage.send();
    expect((await screen.findByRole('alert')).textContent).toContain('Replace the identity on your account page.');
    expect(screen.getByRole('alert').textContent).not.toContain('AWS_MFA_SERIAL_NUMBER');
  });
});
