import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UnheardReports } from '../../src/lanes/unheard-reports.ts';

const finished = {
  type: 'phase_finished',
  runId: 'run-1',
  phase: 'plan',
  claimId: 'claim-1',
  outcome: { kind: 'canceled', forced: false },
} as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup() {
  const sent: WorkerReport[] = [];
  const reports = new UnheardReports({
    async report(report) {
      sent.push(report);
    },
  });
  return { sent, reports };
}

test('a result is named, and sent again, until the api wants it no more', async () => {
  const { sent, reports } = setup();
  await reports.report(finished);
  expect(reports.claimIds).toEqual(['claim-1']);
  reports.hear({ stop: [] });
  expect(sent).toHaveLength(1);
  for (let beats = 2; beats < 4; beats++) {
    await vi.advanceTimersByTimeAsync(5_000);
    reports.hear({ stop: [] });
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toHaveLength(beats);
  }
  // Of a phase that was to be interrupted just before it ended.
  reports.hear({ stop: [{ claimId: 'claim-1', mode: 'interrupt', cause: 'canceled' }] });
  expect(reports.claimIds).toEqual(['claim-1']);
  reports.hear({ stop: [{ claimId: 'claim-1', mode: 'kill', cause: 'canceled' }] });
  expect(reports.claimIds).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  reports.hear({ stop: [] });
  expect(sent).toHaveLength(3);
});
