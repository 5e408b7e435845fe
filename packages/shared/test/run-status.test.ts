import { describe, expect, test } from 'vitest';
import {
  canCancel,
  canConfirm,
  canDiscard,
  claimablePhase,
  isActive,
  isDecided,
  isSaved,
  isTerminal,
  nextStatus,
  phaseAwaitingMfa,
  type RunEvent,
  type RunStatus,
  runEvents,
  runningPhase,
  runStatuses,
  sourcesOf,
} from '../src/run-status.ts';

// The whole table a second time, by hand: a change of the life of a run is said twice, on purpose.
const allowed: readonly `${RunStatus} ${RunEvent} ${RunStatus}`[] = [
  'pending planReleased plan_queued',
  'pending planMfaRequired awaiting_plan_mfa',
  'pending discarded discarded',
  'pending canceled canceled',
  'awaiting_plan_mfa planAuthenticated plan_queued',
  'awaiting_plan_mfa mfaGivenUp errored',
  'awaiting_plan_mfa discarded discarded',
  'awaiting_plan_mfa canceled canceled',
  'plan_queued planStarted planning',
  'plan_queued phaseFailed errored',
  'plan_queued canceled canceled',
  'planning planAwaitsDecision planned',
  'planning planSaved planned_and_saved',
  'planning planFinished planned_and_finished',
  'planning phaseFailed errored',
  'planning canceled canceled',
  'planned applyConfirmed apply_queued',
  'planned applyMfaRequired awaiting_apply_mfa',
  'planned discarded discarded',
  'planned_and_saved applyConfirmed apply_queued',
  'planned_and_saved applyMfaRequired awaiting_apply_mfa',
  'planned_and_saved discarded discarded',
  'awaiting_apply_mfa applyAuthenticated apply_queued',
  'awaiting_apply_mfa mfaGivenUp errored',
  'awaiting_apply_mfa discarded discarded',
  'awaiting_apply_mfa canceled canceled',
  'apply_queued applyStarted applying',
  'apply_queued phaseFailed errored',
  'apply_queued canceled canceled',
  'applying applyFinished applied',
  'applying phaseFailed errored',
  'applying canceled canceled',
];

const everyPair = runStatuses.flatMap((status) => runEvents.map((event) => ({ status, event })));

describe('the table of transitions', () => {
  test.each(everyPair)('$status on $event leads where the list says, or nowhere', ({ status, event }) => {
    const expected = allowed.find((line) => line.startsWith(`${status} ${event} `))?.split(' ')[2];
    expect(nextStatus(status, event)).toBe(expected);
    expect(sourcesOf(event).includes(status)).toBe(expected !== undefined);
  });

  test('lists nothing that the table lacks', () => {
    const pairs = everyPair.filter(({ status, event }) => nextStatus(status, event) !== undefined);
    expect(pairs).toHaveLength(allowed.length);
  });

  test('every status but the first is reached, and every status leads to an end', () => {
    const reached = new Set(everyPair.map(({ status, event }) => nextStatus(status, event)));
    for (const status of runStatuses.filter((status) => status !== 'pending')) expect(reached).toContain(status);
    for (const status of runStatuses) expect(canEnd(status, new Set())).toBe(true);
  });
});

describe('questions about a status', () => {
  test('an apply starts only from apply_queued, which only a decision or a code leads to', () => {
    expect(sourcesOf('applyStarted')).toEqual(['apply_queued']);
    const ways = everyPair.filter(({ status, event }) => nextStatus(status, event) === 'apply_queued');
    expect(ways).toEqual([
      { status: 'planned', event: 'applyConfirmed' },
      { status: 'planned_and_saved', event: 'applyConfirmed' },
      { status: 'awaiting_apply_mfa', event: 'applyAuthenticated' },
    ]);
  });

  test('terminal, active and waiting runs are told apart', () => {
    expect(runStatuses.filter(isTerminal)).toEqual([
      'planned_and_finished',
      'applied',
      'errored',
      'discarded',
      'canceled',
    ]);
    expect(runStatuses.filter((status) => !isTerminal(status) && !isActive(status))).toEqual([
      'pending',
      'planned_and_saved',
    ]);
    expect(runStatuses.filter(isSaved)).toEqual(['planned_and_saved']);
    expect(runStatuses.filter(isDecided)).toEqual(['awaiting_apply_mfa', 'apply_queued', 'applying']);
    expect(phaseAwaitingMfa('awaiting_plan_mfa')).toBe('plan');
    expect(phaseAwaitingMfa('awaiting_apply_mfa')).toBe('apply');
    expect(phaseAwaitingMfa('planned')).toBeUndefined();
  });

  test('a person may confirm, discard and cancel exactly where the table allows it', () => {
    expect(runStatuses.filter(canConfirm)).toEqual(['planned', 'planned_and_saved']);
    expect(runStatuses.filter(canDiscard)).toEqual([
      'pending',
      'awaiting_plan_mfa',
      'planned',
      'planned_and_saved',
      'awaiting_apply_mfa',
    ]);
    expect(runStatuses.filter((status) => !isTerminal(status) && !canCancel(status))).toEqual([
      'planned',
      'planned_and_saved',
    ]);
  });

  test('a phase is claimed in its queue and runs in its own status', () => {
    expect(runStatuses.filter((status) => claimablePhase(status))).toEqual(['plan_queued', 'apply_queued']);
    expect(runStatuses.filter((status) => runningPhase(status))).toEqual(['planning', 'applying']);
  });
});

function canEnd(status: RunStatus, seen: Set<RunStatus>): boolean {
  if (isTerminal(status)) return true;
  if (seen.has(status)) return false;
  seen.add(status);
  return runEvents.some((event) => {
    const next = nextStatus(status, event);
    return next !== undefined && canEnd(next, seen);
  });
}
