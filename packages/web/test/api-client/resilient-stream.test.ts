import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openResilientStream, type ResilientStream } from '../../src/api-client/resilient-stream.ts';
import type { StreamState } from '../../src/api-client/stream-state.ts';
import { scriptedTransport } from './scripted-stream.ts';

const start = Date.UTC(2026, 4, 3, 14, 0);
let stream: ResilientStream | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(start);
});
afterEach(() => {
  stream?.close();
  vi.useRealTimers();
});

async function setup(answer?: (attempt: number) => 'stream' | number | 'refused', poll?: () => Promise<void>) {
  const transport = scriptedTransport(answer);
  const states: StreamState[] = [];
  const messages: string[] = [];
  const opened = openResilientStream({
    fetch: transport.fetch,
    request: () => ({ url: '/stream' }),
    onMessage: ({ data }) => {
      messages.push(data);
      return data === 'last' ? 'end' : undefined;
    },
    onState: (state) => states.push(state),
    random: () => 0,
    ...(poll === undefined ? {} : { poll }),
  });
  stream = opened;
  await pass(0);
  return { ...transport, states, messages, stream: opened, state: () => states.at(-1) };
}

/** Lets timers and the promises behind them run. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('a stream', () => {
  test('is live as long as something comes, a heartbeat included', async () => {
    const { connections, state } = await setup();
    expect(state()).toEqual({ kind: 'live', lastAt: start });
    for (let beat = 1; beat <= 5; beat++) {
      await pass(5_000);
      connections[0]?.send(': heartbeat\n\n');
      await pass(0);
      expect(state()).toEqual({ kind: 'live', lastAt: start + beat * 5_000 });
    }
  });

  test('is late after 10 s of silence, and given up for dead after 20 s', async () => {
    const { connections, state, attempts } = await setup();
    await pass(10_000);
    expect(state()).toEqual({ kind: 'late', lastAt: start });
    await pass(10_000);
    expect(connections[0]?.isAborted()).toBe(true);
    expect(state()?.kind).toBe('reconnecting');
    await pass(1_000);
    expect(attempts()).toBe(2);
    expect(state()?.kind).toBe('live');
  });

  test('that breaks is tried again after 1, 2, 4, 8, 15 and 15 s', async () => {
    const { connections, states, attempts } = await setup((attempt) => (attempt === 0 ? 'stream' : 'refused'));
    connections[0]?.cut();
    await pass(0);
    const waits = [1_000, 2_000, 4_000, 8_000, 15_000, 15_000];
    for (const [index, wait] of waits.entries()) {
      expect(states.at(-1)).toMatchObject({ kind: 'reconnecting', nextTryAt: Date.now() + wait });
      await pass(wait - 1);
      expect(attempts()).toBe(index + 1);
      await pass(1);
      expect(attempts()).toBe(index + 2);
    }
  });

  test('waits less by a fifth at most, so that not all pages come at once', async () => {
    const transport = scriptedTransport(() => 'refused');
    stream = openResilientStream({
      fetch: transport.fetch,
      request: () => ({ url: '/stream' }),
      onMessage: () => undefined,
      onState: () => {},
      random: () => 1,
    });
    await pass(0);
    await pass(799);
    expect(transport.attempts()).toBe(1);
    await pass(1);
    expect(transport.attempts()).toBe(2);
  });

  test('is tried at once when somebody wants it', async () => {
    const { stream: opened, attempts, state } = await setup((attempt) => (attempt < 4 ? 503 : 'stream'));
    await pass(1_000 + 2_000 + 4_000);
    expect(attempts()).toBe(4);
    opened.tryNow();
    await pass(0);
    expect(attempts()).toBe(5);
    expect(state()?.kind).toBe('live');
  });

  test('asks every 5 s once it was lost for 30 s, the next time only after the last answered', async () => {
    let polls = 0;
    let answer = () => {};
    const poll = () => {
      polls += 1;
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    };
    const { connections, state } = await setup((attempt) => (attempt > 0 && attempt < 7 ? 'refused' : 'stream'), poll);
    connections[0]?.cut();
    await pass(29_000);
    expect(polls).toBe(0);
    await pass(1_000);
    expect([polls, state()?.kind]).toEqual([1, 'polling']);
    await pass(10_000);
    expect(polls).toBe(1);
    answer();
    await pass(5_000);
    expect(polls).toBe(2);
    expect(state()).toMatchObject({ kind: 'polling', lastPollAt: start + 40_000 });
    answer();
    // The seventh attempt gets through, and the asking ends.
    await pass(20_000);
    expect(state()?.kind).toBe('live');
    const before = polls;
    await pass(9_000);
    expect(polls).toBe(before);
  });

  test('ends where the session ends, and stays so', async () => {
    const { connections, state, attempts } = await setup((attempt) => (attempt === 0 ? 'stream' : 401));
    connections[0]?.end();
    await pass(60_000);
    expect(state()).toEqual({ kind: 'signed-out' });
    expect(attempts()).toBe(2);
  });

  test('ends when its last message came', async () => {
    const { connections, state, messages, attempts } = await setup();
    connections[0]?.send('data: one\n\nda');
    connections[0]?.send('ta: last\n\n');
    await pass(60_000);
    expect(messages).toEqual(['one', 'last']);
    expect(state()).toEqual({ kind: 'ended' });
    expect(attempts()).toBe(1);
  });

  test('that was closed says and does nothing more', async () => {
    const { connections, states, stream: opened, attempts } = await setup();
    opened.close();
    const before = states.length;
    await pass(60_000);
    expect(connections[0]?.isAborted()).toBe(true);
    expect(states.length).toBe(before);
    expect(attempts()).toBe(1);
  });
});
