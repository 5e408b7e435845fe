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
  stop.request('canceled', 'interrupt');
  expect(stop.cause, 'a wish that came too late').toBeUndefined();
  expect(acts).toEqual([]);
  vi.useRealTimers();
});

test('what is scheduled happens once, at its instant, and a later schedule of the same name replaces it', async () => {
  vi.useFakeTimers();
  const { stop, acts } = setup();
  const at = (ms: number) => new Date(Date.now() + ms);
  stop.schedule('end', at(100_000), () => acts.push('too early'));
  stop.schedule('other', at(150_000), () => acts.push('other'));
  stop.schedule('end', at(60 * 24 * 3_600_000), () => acts.push('end'));
  await vi.advanceTimersByTimeAsync(59 * 24 * 3_600_000);
  expect(acts).toEqual(['other']);
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(acts).toEqual(['other', 'end']);
  stop.schedule('past', at(-1), () => acts.push('past'));
  await vi.advanceTimersByTimeAsync(1);
  stop.schedule('never', at(1_000), () => acts.push('never'));
  stop.release();
  stop.schedule('late', at(1_000), () => acts.push('late'));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(acts).toEqual(['other', 'end', 'past']);
  vi.useRealTimers();
});

test('a clock that was set forward is noticed within a minute', async () => {
  vi.useFakeTimers();
  const { stop, acts } = setup();
  stop.schedule('end', new Date(Date.now() + 3_600_000), () => acts.push('end'));
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(acts).toEqual(['end']);
  vi.useRealTimers();
});

test('a clock that was put back gives no session more time', async () => {
  vi.useFakeTimers();
  const { stop, acts } = setup();
  stop.schedule('end', new Date(Date.now() + 600_000), () => acts.push('end'));
  await vi.advanceTimersByTimeAsync(300_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(300_001);
  expect(acts).toEqual(['end']);
  vi.useRealTimers();
});

test('a revocation is told once, and to whom asks later, though another cause came first', () => {
  const { stop, acts } = setup();
  stop.request('canceled', 'interrupt');
  stop.request('session_revoked', 'interrupt');
  stop.onRevoked(() => acts.push('revoked'));
  stop.request('session_revoked', 'interrupt');
  expect(acts).toEqual(['revoked']);
  expect(stop.isRevoked).toBe(true);
  expect(stop.cause).toBe('canceled');
  stop.release();
});
