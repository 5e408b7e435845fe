import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followLog } from '../../src/api-client/log-stream.ts';
import type { StreamState } from '../../src/api-client/stream-state.ts';
import { type Connection, scriptedTransport, serverSentEvent } from './scripted-stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup(offset: number = 0) {
  const transport = scriptedTransport();
  const bytes: number[] = [];
  const starts: number[] = [];
  const gaps: (readonly [number, number])[] = [];
  const states: StreamState[] = [];
  const stream = followLog({
    runId: 'run-1',
    phase: 'plan',
    offset,
    fetch: transport.fetch,
    onBytes: (slice, startOffset) => {
      starts.push(startOffset);
      bytes.push(...slice);
    },
    onGap: (from, to) => gaps.push([from, to]),
    onState: (state) => states.push(state),
    random: () => 0,
  });
  return { ...transport, stream, bytes, starts, gaps, states };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** What the api sends of `log` from the asked offset on; its first byte frames the log and is not sent. */
function askedOffset({ url }: Connection): number {
  return Number(new URL(url, 'http://localhost').searchParams.get('offset'));
}

test('bytes come once, whatever was sent twice', async () => {
  const { connections, bytes, gaps, stream } = setup();
  await pass(0);
  connections[0]?.send(serverSentEvent('log', 'abc', 4));
  connections[0]?.send(serverSentEvent('log', 'bcde', 6));
  connections[0]?.send(serverSentEvent('log', 'de', 6));
  await pass(0);
  expect(String.fromCharCode(...bytes)).toBe('abcde');
  expect(gaps).toEqual([]);
  stream.close();
});

test('a broken connection is taken up at the byte where it broke', async () => {
  const { connections, bytes, stream } = setup();
  await pass(0);
  connections[0]?.send(serverSentEvent('log', 'né', 4));
  await pass(0);
  connections[0]?.cut();
  await pass(1_000);
  expect(connections[1]?.url).toBe('/api/v2/runs/run-1/logs/plan?offset=4');
  expect(connections[1]?.headers.get('last-event-id')).toBe('4');
  connections[1]?.send(serverSentEvent('bytes', btoa('\xff\xfe'), 6));
  await pass(0);
  expect(bytes).toEqual([...new TextEncoder().encode('né'), 0xff, 0xfe]);
  stream.close();
});

test('what is lost is told, once', async () => {
  const { connections, gaps, bytes, starts, stream } = setup(10);
  await pass(0);
  connections[0]?.send(serverSentEvent('gap', { from: 10, to: 20 }, 20));
  connections[0]?.send(serverSentEvent('log', 'xy', 27));
  await pass(0);
  expect(gaps).toEqual([
    [10, 20],
    [20, 25],
  ]);
  expect(starts).toEqual([25]);
  expect(bytes).toHaveLength(2);
  stream.close();
});

test('the end ends it', async () => {
  const { connections, states, attempts } = setup();
  await pass(0);
  connections[0]?.send(serverSentEvent('log', 'x', 2) + serverSentEvent('end', { size: 3 }, 3));
  await pass(60_000);
  expect(states.at(-1)).toEqual({ kind: 'ended' });
  expect(attempts()).toBe(1);
});

test('an event that cannot be read breaks the connection and not the log', async () => {
  const { connections, bytes, stream } = setup();
  await pass(0);
  connections[0]?.send(`${serverSentEvent('log', 'a', 2)}id: 3\nevent: log\ndata: {not json\n\n`);
  await pass(1_000);
  expect(askedOffset(connections[1] ?? { ...neverOpened })).toBe(2);
  connections[1]?.send(serverSentEvent('log', 'b', 3));
  await pass(0);
  expect(String.fromCharCode(...bytes)).toBe('ab');
  stream.close();
});

const neverOpened: Connection = {
  url: '/',
  headers: new Headers(),
  send: () => {},
  end: () => {},
  cut: () => {},
  isAborted: () => false,
};

test('any cutting of any log, with breaks anywhere, gives the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }),
      async (log, cuts) => {
        const whole = new TextEncoder().encode(log);
        const { connections, bytes, states, stream } = setup();
        await pass(0);
        // Before each piece the connection may break; what is sent then begins up to five bytes too early.
        for (const cut of [...cuts, 0]) {
          const connection = connections.at(-1);
          if (connection === undefined) throw new Error('Nothing connected.');
          const from = Math.max(0, askedOffset(connection) - 1, bytes.length) - Math.min(cut, bytes.length);
          const to = Math.min(whole.length, from + cut + 3);
          const slice = whole.subarray(from, to);
          connection.send(serverSentEvent('bytes', btoa(String.fromCharCode(...slice)), 1 + to));
          await pass(0);
          if (cut % 2 === 0) {
            connection.cut();
            await pass(15_000);
          }
        }
        const last = connections.at(-1);
        const rest = whole.subarray(bytes.length);
        last?.send(serverSentEvent('bytes', btoa(String.fromCharCode(...rest)), 1 + whole.length));
        last?.send(serverSentEvent('end', { size: whole.length + 2 }, whole.length + 2));
        await pass(0);
        stream.close();
        expect(bytes).toEqual([...whole]);
        expect(states.at(-1)).toEqual({ kind: 'ended' });
      },
    ),
    { numRuns: 50 },
  );
});
