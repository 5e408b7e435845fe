import { isTerminal, runStatuses } from '@gatehouse/shared/run-status';
import { describe, expect, test } from 'vitest';
import {
  extensionTriggers,
  notificationMessage,
  type RunComesTo,
  triggersOf,
} from '../../src/domain/notification-events.ts';

const run = (more: Partial<RunComesTo>): RunComesTo => ({
  status: 'pending',
  planOnly: false,
  autoApply: false,
  mfaLevel: 'never',
  ...more,
});

test.each([
  [{ status: 'pending' }, ['run:created']],
  [{ status: 'plan_queued' }, []],
  [{ status: 'awaiting_plan_mfa' }, ['run:needs_mfa', 'run:needs_attention']],
  [{ status: 'planning' }, ['run:planning']],
  [{ status: 'planned' }, ['run:needs_attention']],
  [{ status: 'planned', mfaLevel: 'applies_only' }, ['run:needs_mfa', 'run:needs_attention']],
  [{ status: 'planned', mfaLevel: 'plans_and_applies' }, ['run:needs_mfa', 'run:needs_attention']],
  [{ status: 'planned', autoApply: true }, []],
  [{ status: 'planned', autoApply: true, mfaLevel: 'applies_only' }, []],
  [{ status: 'awaiting_apply_mfa', autoApply: true }, ['run:needs_mfa', 'run:needs_attention']],
  [{ status: 'apply_queued' }, []],
  [{ status: 'applying' }, ['run:applying']],
  [{ status: 'applied' }, ['run:completed']],
  [{ status: 'planned_and_finished' }, ['run:completed']],
  [{ status: 'errored' }, ['run:errored']],
  [{ status: 'canceled' }, ['run:errored']],
  [{ status: 'discarded' }, ['run:errored']],
] as const)('a run that comes to %o sets off %o', (more, triggers) => {
  expect(triggersOf(run(more))).toEqual(triggers);
});

describe('of a plan-only run', () => {
  test.each(runStatuses)('%s tells nothing, unless a code is needed', (status) => {
    const needsCode = status === 'awaiting_plan_mfa' || status === 'awaiting_apply_mfa';
    const all = triggersOf(run({ status, planOnly: true, mfaLevel: 'plans_and_applies' }));
    // A plan-only run comes to no apply; were it to, a code would be needed as well.
    if (status !== 'planned') expect(all).toEqual(needsCode ? ['run:needs_mfa'] : []);
  });
});

test.each(runStatuses.filter(isTerminal))('every end is told: %s', (status) => {
  expect(triggersOf(run({ status }))).toHaveLength(1);
});

test('a plan that a code may decide is told as one that needs a code, to whoever asked for that', () => {
  expect(notificationMessage('planned', 'run:needs_mfa')).toBe('Run Needs an AWS MFA Code');
  expect(notificationMessage('planned', 'run:needs_attention')).toBe('Run Needs Attention');
  expect(notificationMessage('canceled', 'run:errored')).toBe('Run Canceled');
});

test('of a phase that runs, only a code that extends its session is told under the words for what waits', () => {
  for (const trigger of extensionTriggers) {
    expect(notificationMessage('applying', trigger)).toBe('Run Needs an AWS MFA Code to Go On');
    expect(notificationMessage('planning', trigger)).toBe('Run Needs an AWS MFA Code to Go On');
  }
  expect(notificationMessage('applying', 'run:applying')).toBe('Run Applying');
});
