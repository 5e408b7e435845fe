import { expect, test } from 'vitest';
import { StorePace } from '../../src/logs/store-pace.ts';

/** When output that comes at these times is stored, each by itself. */
function storedAt(times: readonly number[]): number[] {
  const pace = new StorePace();
  return times.map((time) => {
    const at = time + Math.max(0, pace.waitMs(time));
    pace.store(at);
    return at;
  });
}

test('after silence a few lines are stored at once, then one each 20 ms', () => {
  expect(storedAt([1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_020])).toEqual([
    1_000, 1_000, 1_000, 1_000, 1_000, 1_020, 1_040,
  ]);
});

test('lines of 20 ms and more are never held back, also where some come sooner', () => {
  const times = [1_000, 1_020, 1_035, 1_063, 1_080, 1_095, 1_120, 1_400, 1_405];
  expect(storedAt(times)).toEqual(times);
});
