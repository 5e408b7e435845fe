import { type EndReason, endReasons } from '@gatehouse/shared/end-reasons';
import { mfaLevels } from '@gatehouse/shared/mfa-level';
import { canConfirm, phaseAwaitingMfa, runStatuses } from '@gatehouse/shared/run-status';
import { render, screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { badgeOf } from '../../../src/features/run/badge-of-run.ts';
import { StatusBadge } from '../../../src/features/run/status-badge.tsx';

describe('the filled badge', () => {
  test.each(runStatuses.flatMap((status) => mfaLevels.map((level) => ({ status, level }))))(
    'is for what a person must do, and for nothing else: $status, $level',
    ({ status, level }) => {
      const needsPerson = phaseAwaitingMfa(status) !== undefined || canConfirm(status);
      expect(badgeOf({ status, level }).family === 'need').toBe(needsPerson);
    },
  );
});

test.each([
  ['awaiting', 'need'],
  ['refused', 'need'],
  ['exchanging', 'run'],
] as const)('a phase that runs is amber while a code for its session is wanted: %s', (challenge, family) => {
  expect(badgeOf({ status: 'applying', level: 'applies_only', isExtending: true, challenge }).family).toBe(family);
});

test.each([
  [{ status: 'awaiting_plan_mfa', level: 'plans_and_applies' }, 'Code needed: plan'],
  [{ status: 'planned', level: 'applies_only' }, 'Code needed: apply'],
  [{ status: 'planned', level: 'never' }, 'Decision needed'],
  [{ status: 'planned_and_saved', level: 'applies_only' }, 'Code needed: apply'],
  [{ status: 'planned_and_saved', level: 'never' }, 'Plan saved'],
  [{ status: 'discarded', level: 'never', reason: 'plan_outdated' }, 'Discarded: outdated'],
  [{ status: 'planned', level: 'applies_only', challenge: 'refused' }, 'Code refused, try again'],
  [{ status: 'planned', level: 'applies_only', challenge: 'exchanging' }, 'Checking code'],
  [{ status: 'applying', level: 'applies_only', isExtending: true }, 'Applying, code needed'],
  [{ status: 'planning', level: 'plans_and_applies', isExtending: true }, 'Planning, code needed'],
  [{ status: 'applying', level: 'applies_only', isExtending: true, challenge: 'refused' }, 'Applying, code refused'],
  [
    { status: 'applying', level: 'applies_only', isExtending: true, challenge: 'exchanging' },
    'Applying, checking code',
  ],
  [{ status: 'errored', level: 'never', reason: 'session_revoked' }, 'Errored: session revoked'],
  [{ status: 'pending', level: 'never', behind: 'run-8Kq2Vd' }, 'Behind run-8Kq2Vd'],
  [{ status: 'errored', level: 'never', reason: 'mfa_deadline_passed' }, 'Errored: no code'],
  [{ status: 'errored', level: 'never', reason: 'worker_lost' }, 'Errored: worker lost'],
] as const)('%j reads %s', (facts, words) => {
  render(<StatusBadge {...facts} />);
  expect(screen.getByTestId('status-badge').textContent).toBe(words);
});

test('every end reason gives an errored run a sentence', () => {
  // Object.keys forgets that the keys are the reasons.
  for (const reason of Object.keys(endReasons) as EndReason[]) {
    expect(badgeOf({ status: 'errored', level: 'never', reason }).why).toBe(endReasons[reason]);
  }
});
