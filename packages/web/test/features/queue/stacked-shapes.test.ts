import { describe, expect, test } from 'vitest';
import type { QueueSlice } from '../../../src/api-client/queue.ts';
import { highest, stackedBands } from '../../../src/features/queue/stacked-shapes.ts';

function aSlice(states: Partial<QueueSlice['states']>): QueueSlice {
  const none = { 'awaiting-mfa': 0, queued: 0, running: 0, waiting: 0, done: 0, failed: 0 };
  return { at: 0, created: 0, applied: 0, 'planned-and-finished': 0, errored: 0, states: { ...none, ...states } };
}

describe('stacked areas', () => {
  const series = [aSlice({ 'awaiting-mfa': 1 }), aSlice({ 'awaiting-mfa': 2, running: 2, failed: 9 })];

  test('the highest sum of open runs reaches the top; ended ones do not count', () => {
    expect(highest(series)).toBe(4);
    expect(highest([])).toBe(1);
  });

  test('each band stands on the one below it', () => {
    const [waiting, , running] = stackedBands(series, { width: 100, height: 40 });
    expect(waiting?.points).toBe('0,30 100,20 100,40 0,40');
    expect(running?.points).toBe('0,30 100,0 100,20 0,30');
  });

  test('one slice alone divides by nothing', () => {
    for (const { points } of stackedBands([aSlice({ queued: 1 })], { width: 100, height: 40 })) {
      expect(points).not.toContain('NaN');
    }
  });
});
