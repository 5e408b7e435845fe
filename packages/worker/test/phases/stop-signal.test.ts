import { expect, test, vi } from 'vitest';
import { outcomeOfStop } from '../../src/phases/outcome.ts';
import { StopSignal } from '../../src/phases/stop-signal.ts';

function setup(graceMs = 60_000, reachable: () => boolean = () => true) {
  const acts: string[] = [];
  const stop = new StopSignal(graceMs);
  const stoppable = {
    async interrupt() {
      acts.push(reachable() ? 'interrupt' : 'nothing there');
      return reachable();
    },
    kill: () => acts.push('kill'),
  };
  return { stop, stoppable: { ...stoppable, kill: () => void stoppable.kill() }, acts };
}

test('the first cause wins and one interrupt is sent, however often it is wished', async () => {
  const { stop, stoppable, acts } = setup();
  stop.follow(stoppable);
  stop.request('session_expired', 'interrupt');
  stop.request('canceled', 'interrupt');
  await vi.waitFor(() => expect(acts).toEqual(['interrupt']));
  expect(stop.signal.aborted).toBe(true);
  expect(outcomeOfStop(stop)).toMatchObject({ kind: 'failed', reason: 'session_expired' });
  stop.release();
});

test('a kill follows an interrupt, never the other way', async () => {
  const { stop, stoppable, acts } = setup();
  stop.follow(stoppable);
  stop.request('canceled', 'interrupt');
  stop.request('canceled', 'kill');
  stop.request('canceled', 'interrupt');
  await vi.waitFor(() => expect(acts).toEqual(['interrupt', 'kill']));
  expect(outcomeOfStop(stop)).toEqual({ kind: 'canceled', forced: true });
  stop.release();
});

test('an interrupt that does not end the phase becomes a kill after the grace', async () => {
  vi.useFakeTimers();
  const { stop, stoppable, acts } = setup(5_000);
  stop.follow(stoppable);
  stop.request('canceled', 'interrupt');
  await vi.advanceTimersByTimeAsync(4_900);
  expect(acts).toEqual(['interrupt']);
  await vi.advanceTimersByTimeAsync(200);
  expect(acts).toEqual(['interrupt', 'kill']);
  vi.useRealTimers();
});

test('a wish that came before there was something to stop is kept', async () => {
  vi.useFakeTimers();
  let there = false;
  const { stop, stoppable, acts } = setup(60_000, () => there);
  stop.request('worker_stopped', 'interrupt');
  stop.follow(stoppable);
  await vi.advanceTimersByTimeAsync(10);
  expect(acts).toEqual(['nothing there']);
  there = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(acts).toEqual(['nothing there', 'interrupt']);
  vi.useRealTimers();
});

test('after the phase nothing is stopped any more', async () => {
  vi.useFakeTimers();
  const { stop, stoppable, acts } = setup(1_000);
  stop.follow(stoppable);
  stop.alsoAt(500, 'phase_timeout', 'interrupt');
  stop.release();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(acts).toEqual([]);
  expect(stop.cause).toBeUndefined();
  vi.useRealTimers();
});
