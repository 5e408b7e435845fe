import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { RunPage } from '../../src/pages/run-page.tsx';
import { applying, eventsOfApply, inMinutes } from '../features/run/a-run.ts';
import { aRun, list, refusal, stagePage } from './page-stage.tsx';

type Document = { data: unknown; included: unknown[] };

const { actions, permissions } = aRun('run-1').attributes;
const byOwner = {
  actions: { ...actions, 'is-session-revocable': true },
  permissions: { ...permissions, 'can-revoke-session': true },
};
const policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': 'x' } } },
  ],
};
const revoked = (attributes: Record<string, unknown> = {}) => ({
  'revoked-at': inMinutes(-1),
  'revoked-by': 'alice',
  'expires-at': inMinutes(50),
  revocation: { 'attach-to': 'arn:aws:iam::123456784821:role/deploy', kind: 'role', policy },
  ...attributes,
});

async function setup(first: Document, given: Record<string, () => unknown> = {}, end?: string) {
  let run: unknown = first;
  const stage = stagePage({
    page: <RunPage />,
    path: pagePaths.run,
    address: '/app/acme/network-prod/runs/run-1',
    isOwner: true,
    answers: {
      'GET /runs/run-1': () => run,
      'GET /runs/run-1/run-events': () => list(eventsOfApply(end)),
      ...given,
    },
  });
  await screen.findByTestId('run-page');
  return {
    ...stage,
    become: (next: Document) => {
      run = next;
    },
  };
}

describe('revoking the session of a run', () => {
  test('is in the menu of an owner, says what happens and what does not, and sends the reason', async () => {
    const stage = await setup(applying(null, {}, byOwner), {
      'POST /runs/run-1/actions/revoke-session': () => {
        stage.become(applying(null, revoked(), { version: 2 }));
        return undefined;
      },
    });
    fireEvent.click(screen.getByRole('button', { name: 'More actions' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Revoke session…' }));
    const dialog = within(screen.getByRole('alertdialog', { name: 'Revoke the AWS session of network-prod?' }));
    expect(dialog.getByText(/Terraform gets no AWS keys any more and is interrupted/)).toBeTruthy();
    expect(
      dialog.getByText(/AWS itself honours the session until its end, unless the IAM policy is attached/),
    ).toBeTruthy();
    fireEvent.change(dialog.getByRole('textbox', { name: 'Reason (optional)' }), { target: { value: 'laptop lost' } });
    fireEvent.click(dialog.getByRole('button', { name: 'Revoke session' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(stage.writes()).toEqual([
      { method: 'POST', path: '/runs/run-1/actions/revoke-session', body: { comment: 'laptop lost' } },
    ]);
    expect(screen.getByRole('heading', { name: 'AWS session revoked' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'More actions' })).toBeNull();
  });

  test('is not held up by a change that leaves the session as it was, but by its end', async () => {
    const stage = await setup(applying(null, {}, byOwner));
    fireEvent.click(screen.getByRole('button', { name: 'More actions' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Revoke session…' }));
    const button = () =>
      within(screen.getByRole('alertdialog')).getByRole<HTMLButtonElement>('button', { name: 'Revoke session' });
    stage.become(applying({}, {}, { ...byOwner, version: 2 }));
    await stage.refresh();
    await screen.findByTestId('code-panel');
    expect(button().disabled).toBe(false);
    stage.become(applying(null, {}, { 'gatehouse-status': 'applied', version: 3 }));
    await stage.refresh();
    await waitFor(() => expect(button().disabled).toBe(true));
  });

  test('that comes too late says so', async () => {
    await setup(applying(null, {}, byOwner), {
      'POST /runs/run-1/actions/revoke-session': () =>
        refusal(409, 'invalid_transition', 'It was revoked by bob already.'),
    });
    fireEvent.click(screen.getByRole('button', { name: 'More actions' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Revoke session…' }));
    fireEvent.click(screen.getByRole('button', { name: 'Revoke session' }));
    expect((await screen.findByRole('alert')).textContent).toContain('It was revoked by bob already.');
  });

  test.each([
    ['a member', { ...byOwner, permissions }],
    ['a run without one', { ...byOwner, actions }],
  ])('is not there for %s', async (_, attributes) => {
    await setup(applying(null, {}, attributes));
    expect(screen.queryByRole('button', { name: 'More actions' })).toBeNull();
  });
});

describe('a session that was revoked', () => {
  test('shows who, when, until when AWS honours it, and the policy with where it belongs', async () => {
    await setup(applying(null, revoked()));
    const panel = within(screen.getByTestId('revoked-session'));
    expect(panel.getByText(/^alice revoked the session/).textContent).toMatch(
      /ASIAIOSFODNN7EXAMPLE of this apply\. .* terraform is being interrupted\. AWS itself still honours it until \d\d:\d\d, unless the policy below is attached\./,
    );
    expect(
      panel.getByText(/open the role arn:aws:iam::123456784821:role\/deploy and add this as an inline policy/),
    ).toBeTruthy();
    expect(JSON.parse(panel.getByRole('region', { name: 'revocation policy' }).textContent ?? '')).toEqual(policy);
    expect(panel.getByRole('button', { name: 'Copy revocation policy' })).toBeTruthy();
    expect(screen.getByTestId('session-facts').textContent).toMatch(/session revoked by alice at \d\d:\d\d$/);
  });

  test('of a user names whose user it is', async () => {
    const revocation = { 'attach-to': 'the IAM user that the own access key of bob belongs to', kind: 'user', policy };
    await setup(applying(null, revoked({ revocation })));
    expect(
      screen.getByText(/In IAM, open the IAM user that the own access key of bob belongs to and add this/),
    ).toBeTruthy();
  });

  test('and has ended at AWS too needs no policy any more', async () => {
    await setup(applying(null, revoked({ 'expires-at': inMinutes(-0.5) })));
    const panel = within(screen.getByTestId('revoked-session'));
    expect(panel.getByText(/AWS itself ended it at \d\d:\d\d; nothing is left to do there\./)).toBeTruthy();
    expect(panel.queryByRole('button')).toBeNull();
  });
});

describe('a run that its session ended', () => {
  const ended = { 'gatehouse-status': 'errored', 'ended-at': inMinutes(0) };

  test.each([
    ['session_expired', 'Errored: session expired'],
    ['session_revoked', 'Errored: session revoked'],
  ])('%s: what was done and left, that the state was saved, and the way on', async (reason, title) => {
    const message = 'Done: aws_vpc.this. Left: aws_eip.old.';
    const stage = await setup(
      applying(null, {}, { ...ended, 'end-reason': reason, 'end-message': message }),
      { 'POST /runs': () => ({ data: { id: 'run-2' } }) },
      'errored',
    );
    const card = within(screen.getByTestId('outcome-card'));
    expect(card.getByRole('heading', { name: title })).toBeTruthy();
    expect(card.getByText(message)).toBeTruthy();
    expect(
      await card.findByText(
        'The state was saved, with what terraform had finished. Plan again: the new plan holds what is left.',
      ),
    ).toBeTruthy();
    fireEvent.click(card.getByRole('button', { name: 'Queue it again' }));
    await waitFor(() => expect(stage.writes().map(({ path }) => path)).toEqual(['/runs']));
  });

  test('before the apply began changed nothing', async () => {
    const run = applying(null, revoked(), { ...ended, 'end-reason': 'session_revoked' });
    await setup(run, { 'GET /runs/run-1/run-events': () => list([]) });
    const card = within(screen.getByTestId('outcome-card'));
    expect(card.getByText('No infrastructure was changed. Plan again.')).toBeTruthy();
  });
});
