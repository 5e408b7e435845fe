import { describe, expect, test } from 'vitest';
import { apiPhaseStatus, apiRunStatus, gatehouseStatus } from '../src/api-status.ts';
import { runStatuses } from '../src/run-status.ts';

// go-tfe run.go: a word outside this list breaks clients that know a closed one.
const knownToGoTfe = [
  'pending',
  'plan_queued',
  'planning',
  'planned',
  'planned_and_finished',
  'planned_and_saved',
  'apply_queued',
  'applying',
  'applied',
  'discarded',
  'errored',
  'canceled',
];

describe('the words of the API', () => {
  test.each(runStatuses)('%s is told in a word that go-tfe knows', (status) => {
    expect(knownToGoTfe).toContain(apiRunStatus(status));
  });

  test('a run that awaits a code shows as queued, its phase as mfa_waiting, and our own word says awaiting_mfa', () => {
    expect(apiRunStatus('awaiting_plan_mfa')).toBe('plan_queued');
    expect(apiPhaseStatus('awaiting_plan_mfa', 'plan', undefined)).toBe('mfa_waiting');
    expect(gatehouseStatus('awaiting_plan_mfa')).toBe('awaiting_mfa');
    expect(apiRunStatus('awaiting_apply_mfa')).toBe('apply_queued');
    expect(apiPhaseStatus('awaiting_apply_mfa', 'apply', undefined)).toBe('mfa_waiting');
    expect(apiPhaseStatus('awaiting_apply_mfa', 'plan', 'finished')).toBe('finished');
    expect(gatehouseStatus('awaiting_apply_mfa')).toBe('awaiting_mfa');
  });

  test('a phase that ended keeps how it ended, whatever became of the run', () => {
    expect(apiPhaseStatus('errored', 'plan', 'finished')).toBe('finished');
    expect(apiPhaseStatus('errored', 'apply', 'errored')).toBe('errored');
    expect(apiPhaseStatus('canceled', 'apply', undefined)).toBe('unreachable');
  });
});
