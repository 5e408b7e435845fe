import { Secret } from '@gatehouse/shared/secret';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveSession, type NextSession } from '../../src/phases/live-session.ts';
import { StopSignal } from '../../src/phases/stop-signal.ts';
import type { IssuedSession, Session } from '../../src/sts/session.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2030-01-01T00:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const minute = 60_000;
const sessionFor = (accessKeyId: string, minutes: number): IssuedSession => ({
  accessKeyId,
  secretAccessKey: new Secret(`secret of ${accessKeyId}`),
  sessionToken: new Secret(`token of ${accessKeyId}`),
  expiresAt: new Date(Date.now() + minutes * minute),
});
const foreign: Session = { ...sessionFor('ASIAFOREIGN', 0), expiresAt: undefined };

function setup(next: NextSession = { by: 'nothing' }) {
  const said: string[] = [];
  const masked: string[] = [];
  const reports: WorkerReport[] = [];
  const stop = new StopSignal(minute);
  const live = new LiveSession({
    claim: { runId: 'run-1', phase: 'apply', claimId: 'claim-1', extendBeforeMs: 10 * minute },
    marginMs: 2 * minute,
    stop,
    log: { say: (sentence) => void said.push(sentence), mask: (secret) => void masked.push(secret.reveal()) },
    logger: pino({ level: 'silent' }),
    async report(report) {
      reports.push(report);
    },
    next,
  });
  return { live, stop, said, masked, reports };
}

/** What a code lays down. */
function setupWithRedis() {
  const redis: { session: Session | undefined; isAway: boolean } = { session: undefined, isAway: false };
  const read = async () => {
    if (redis.isAway) throw new Error('redis is away');
    return redis.session;
  };
  return { redis, ...setup({ by: 'code', read }) };
}

test('the first and each newer session is told in the log, masked and reported with its hours', async () => {
  const { live, redis, said, masked, reports } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  redis.session = sessionFor('ASIASECOND', 100);
  expect(await live.lookForNewer()).toBe(true);
  expect(await live.lookForNewer(), 'the same again').toBe(false);
  expect((await live.current())?.accessKeyId).toBe('ASIASECOND');
  expect(said).toEqual([
    'AWS session ASIAFIRST, until 2030-01-01T01:00:00.000Z',
    'AWS session ASIASECOND, until 2030-01-01T01:40:00.000Z',
  ]);
  expect(masked).toEqual(['ASIAFIRST', 'ASIASECOND'].flatMap((id) => [`secret of ${id}`, `token of ${id}`]));
  const common = { type: 'session_opened', runId: 'run-1', phase: 'apply', claimId: 'claim-1' };
  await vi.advanceTimersByTimeAsync(0);
  expect(reports).toEqual([
    {
      ...common,
      accessKeyId: 'ASIAFIRST',
      expiresAt: '2030-01-01T01:00:00.000Z',
      stopsAt: '2030-01-01T00:58:00.000Z',
      asksAt: '2030-01-01T00:50:00.000Z',
    },
    {
      ...common,
      accessKeyId: 'ASIASECOND',
      expiresAt: '2030-01-01T01:40:00.000Z',
      stopsAt: '2030-01-01T01:38:00.000Z',
      asksAt: '2030-01-01T01:30:00.000Z',
    },
  ]);
  expect(JSON.stringify(reports)).not.toMatch(/secret of|token of/);
});

test('it never goes back to a session that ends before the one it has', async () => {
  const { live, redis } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIALONG', 60) });
  redis.session = sessionFor('ASIASHORT', 15);
  expect(await live.lookForNewer()).toBe(false);
  expect((await live.current())?.accessKeyId).toBe('ASIALONG');
});

test('terraform is interrupted before the end, not at the end, and the old session is served on', async () => {
  const { live, stop } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  await vi.advanceTimersByTimeAsync(58 * minute - 1);
  expect(stop.cause).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(stop.cause).toBe('session_expired');
  expect((await live.current())?.accessKeyId).toBe('ASIAFIRST');
});

test('a newer session moves the stop', async () => {
  const { live, stop, redis } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  redis.session = sessionFor('ASIASECOND', 100);
  await live.lookForNewer();
  await vi.advanceTimersByTimeAsync(98 * minute - 1);
  expect(stop.cause).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(stop.cause).toBe('session_expired');
});

test('a code that came at the last moment, and of which no word came, is found before terraform is interrupted', async () => {
  const { live, stop, redis } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  redis.session = sessionFor('ASIASECOND', 120);
  await vi.advanceTimersByTimeAsync(60 * minute);
  expect(stop.cause).toBeUndefined();
  expect((await live.current())?.accessKeyId).toBe('ASIASECOND');
});

test('a Redis that is away at the last moment does not keep terraform from being interrupted', async () => {
  const { live, stop, redis } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  redis.isAway = true;
  await vi.advanceTimersByTimeAsync(58 * minute);
  expect(stop.cause).toBe('session_expired');
});

test('nor does one that never answers', async () => {
  const { live, stop } = setup({ by: 'code', read: () => new Promise(() => {}) });
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  await vi.advanceTimersByTimeAsync(58 * minute + 2_000);
  expect(stop.cause).toBe('session_expired');
});

test('after it was revoked nothing is served and nothing adopted, whatever stopped the phase first', async () => {
  const { live, stop, redis, reports } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  stop.request('canceled', 'interrupt');
  expect(await live.current()).toBeDefined();
  stop.request('session_revoked', 'interrupt');
  expect(await live.current()).toBeUndefined();
  redis.session = sessionFor('ASIASECOND', 120);
  expect(await live.lookForNewer()).toBe(false);
  expect(await live.current()).toBeUndefined();
  expect(reports).toHaveLength(1);
  stop.release();
});

test('somebody else’s session has no hours', async () => {
  const { live, stop, reports, said } = setup({ by: 'renewal', ask: async () => ({ session: foreign }) });
  live.adopt({ session: foreign });
  await vi.advanceTimersByTimeAsync(1_000 * minute);
  expect(stop.cause).toBeUndefined();
  expect(reports).toMatchObject([{ expiresAt: null, stopsAt: null, asksAt: null }]);
  expect(said).toEqual(['AWS session ASIAFOREIGN, end unknown']);
});

test('nobody is asked for the next session of one that lies in the environment', async () => {
  const { live, stop, reports } = setup({ by: 'nothing' });
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  await vi.advanceTimersByTimeAsync(58 * minute);
  expect(reports).toMatchObject([{ stopsAt: '2030-01-01T00:58:00.000Z', asksAt: null }]);
  expect(stop.cause).toBe('session_expired');
});

function setupRenewal(refusals: number) {
  let asked = 0;
  const made = setup({
    by: 'renewal',
    async ask() {
      asked++;
      if (asked <= refusals) return { rejection: 'sts_throttled', awsMessage: 'Rate exceeded' };
      return { session: sessionFor(`ASIARENEWED${asked}`, 60) };
    },
  });
  return { ...made, asked: () => asked };
}

test('a session without a code renews itself, again and again, and asks nobody', async () => {
  const { live, stop, said, reports, asked } = setupRenewal(0);
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  await vi.advanceTimersByTimeAsync(50 * minute - 1);
  expect(asked()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect((await live.current())?.accessKeyId).toBe('ASIARENEWED1');
  await vi.advanceTimersByTimeAsync(200 * minute);
  expect(stop.cause).toBeUndefined();
  expect(asked()).toBe(5);
  expect(said).toContain('the AWS session is renewed; no code is needed for it.');
  for (const report of reports) expect(report).toMatchObject({ asksAt: null });
  stop.release();
});

test('a renewal that is refused is tried again, and told once', async () => {
  const { live, stop, said } = setupRenewal(3);
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  await vi.advanceTimersByTimeAsync(58 * minute);
  expect((await live.current())?.accessKeyId).toBe('ASIARENEWED4');
  expect(stop.cause).toBeUndefined();
  expect(said.filter((line) => line.includes('did not renew'))).toEqual([
    'AWS did not renew the session: Rate exceeded. It is asked again until 2030-01-01T00:58:00.000Z.',
  ]);
  stop.release();
});

test('where AWS gives none until the end, terraform is interrupted and nothing is asked any more', async () => {
  const { live, stop, asked } = setupRenewal(Number.POSITIVE_INFINITY);
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  await vi.advanceTimersByTimeAsync(58 * minute);
  expect(stop.cause).toBe('session_expired');
  const before = asked();
  expect(before).toBeGreaterThan(10);
  await vi.advanceTimersByTimeAsync(30 * minute);
  expect(asked()).toBe(before);
});

test('what comes when the phase is over is told nobody', async () => {
  const { live, stop, redis, said, reports } = setupWithRedis();
  live.adopt({ session: sessionFor('ASIAFIRST', 60) });
  redis.session = sessionFor('ASIASECOND', 120);
  const looking = live.lookForNewer();
  stop.release();
  expect(await looking).toBe(false);
  await vi.advanceTimersByTimeAsync(60 * minute);
  expect(stop.cause).toBeUndefined();
  expect(said).toHaveLength(1);
  expect(reports).toHaveLength(1);
});
