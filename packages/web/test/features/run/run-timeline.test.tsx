import type { MfaLevel } from '@gatehouse/shared/mfa-level';
import type { RunStatus } from '@gatehouse/shared/run-status';
import { render, screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { type HistoryEntry, stepsOf } from '../../../src/features/run/run-steps.ts';
import { RunTimeline } from '../../../src/features/run/run-timeline.tsx';

const start = Date.UTC(2026, 4, 3, 14, 2);

function aRun(statuses: readonly RunStatus[], level: MfaLevel = 'plans_and_applies', planOnly = false) {
  const history: HistoryEntry[] = statuses.map((toStatus, index) => ({
    event: `event ${index}`,
    toStatus,
    at: start + index * 60_000,
    by: `somebody ${index}`,
  }));
  return { status: statuses.at(-1) ?? 'pending', level, planOnly, history };
}

const states = (run: ReturnType<typeof aRun>) => stepsOf(run).map(({ label, state }) => `${label}: ${state}`);

describe('the steps', () => {
  test('follow the level', () => {
    expect(states(aRun(['awaiting_plan_mfa']))).toEqual([
      'Queued: done',
      'Code: current',
      'Plan: upcoming',
      'Review and code: upcoming',
      'Apply: upcoming',
      'Done: upcoming',
    ]);
    expect(states(aRun(['plan_queued', 'planning'], 'never'))).toEqual([
      'Queued: done',
      'Plan: current',
      'Review: upcoming',
      'Apply: upcoming',
      'Done: upcoming',
    ]);
  });

  test('of a run that only plans have no apply', () => {
    expect(states(aRun(['plan_queued', 'planning', 'planned_and_finished'], 'never', true))).toEqual([
      'Queued: done',
      'Plan: done',
      'Done: done',
    ]);
  });

  test('that never came are named as skipped, and the one that failed as failed', () => {
    expect(states(aRun(['awaiting_plan_mfa', 'errored']))).toEqual([
      'Queued: done',
      'Code: failed',
      'Plan: skipped',
      'Review and code: skipped',
      'Apply: skipped',
      'Errored: failed',
    ]);
  });

  test('know when each began, how long it took and who brought it on', () => {
    const [queued, code, plan] = stepsOf(aRun(['awaiting_plan_mfa', 'plan_queued', 'planning', 'planned']));
    expect(queued?.by).toBe('somebody 0');
    expect(code).toMatchObject({ startedAt: start, endedAt: start + 60_000, by: 'somebody 1' });
    expect(plan).toMatchObject({ startedAt: start + 60_000, endedAt: start + 180_000 });
  });
});

test('the current step is marked for a screen reader, and the phone’s line counts it', () => {
  render(<RunTimeline steps={stepsOf(aRun(['awaiting_plan_mfa']))} />);
  expect(document.querySelector('[aria-current=step]')?.getAttribute('data-step')).toBe('plan-code');
  expect(screen.getByRole('button').textContent).toBe('Step 2 of 6: Code');
});
