import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStateHub, type HubNews, type HubPort, type HubRequest } from '../../src/api-client/state-hub.ts';
import { scriptedTransport, serverSentEvent } from './scripted-stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup(answer?: (attempt: number) => 'stream' | number) {
  const transport = scriptedTransport(answer);
  const hub = createStateHub({ fetch: transport.fetch });
  function tab() {
    const news: HubNews[] = [];
    let hear: (message: { data: unknown }) => void = () => {};
    const port: HubPort = {
      postMessage: (told) => news.push(told),
      addEventListener: (_, listener) => {
        hear = listener;
      },
    };
    hub.connect(port);
    return {
      news,
      ask: async (request: HubRequest) => {
        hear({ data: request });
        await vi.advanceTimersByTimeAsync(0);
      },
      events: () => news.flatMap((told) => (told.kind === 'event' ? [told.event.runId] : [])),
      states: () => news.flatMap((told) => (told.kind === 'state' ? [told.state.kind] : [])),
    };
  }
  return { ...transport, tab };
}

const open = { kind: 'open', withQueue: false } as const;
const changed = (runId: string) => serverSentEvent('run.changed', { 'run-id': runId, version: 1 });

test('tabs share one connection, and each hears all of it', async () => {
  const { tab, connections } = setup();
  const [one, two] = [tab(), tab()];
  await one.ask(open);
  await two.ask(open);
  connections[0]?.send(changed('run-1'));
  await vi.advanceTimersByTimeAsync(0);
  expect(connections.length).toBe(1);
  expect([one.events(), two.events()]).toEqual([['run-1'], ['run-1']]);
  expect(two.states()[0]).toBe('live');
});

test('the connection ends with the last tab', async () => {
  const { tab, connections } = setup();
  const [one, two] = [tab(), tab()];
  await one.ask(open);
  await two.ask(open);
  await one.ask({ kind: 'close' });
  expect(connections[0]?.isAborted()).toBe(false);
  await two.ask({ kind: 'close' });
  expect(connections[0]?.isAborted()).toBe(true);
});

test('what operators ask for is a line of its own', async () => {
  const { tab, connections } = setup();
  const [one, two] = [tab(), tab()];
  await one.ask(open);
  await two.ask({ kind: 'open', withQueue: true });
  expect(connections.map(({ url }) => url)).toEqual(['/api/v2/events', '/api/v2/events?topics=queue']);
  connections[1]?.send(changed('run-2'));
  await vi.advanceTimersByTimeAsync(0);
  expect([one.events(), two.events()]).toEqual([[], ['run-2']]);
});

test('after signing in again a tab gets a new connection', async () => {
  const { tab, connections } = setup((attempt) => (attempt === 0 ? 401 : 'stream'));
  const one = tab();
  await one.ask(open);
  expect(one.states().at(-1)).toBe('signed-out');
  await one.ask(open);
  expect(one.states().at(-1)).toBe('live');
  expect(connections.length).toBe(1);
});

test('what no tab would say is not listened to', async () => {
  const { tab, attempts } = setup();
  const one = tab();
  // A message of another version of the page.
  await one.ask(JSON.parse('{"kind":"open"}'));
  expect(attempts()).toBe(0);
});
