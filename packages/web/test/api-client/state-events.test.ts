import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStateEvents, type StateEvent } from '../../src/api-client/state-events.ts';
import { scriptedTransport, serverSentEvent } from './scripted-stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function setup() {
  const transport = scriptedTransport();
  const events: StateEvent[] = [];
  const onGap = vi.fn();
  const stream = openStateEvents({
    organization: 'acme & co',
    fetch: transport.fetch,
    onEvent: (event) => events.push(event),
    onGap,
    onState: () => {},
    poll: async () => {},
    random: () => 0,
  });
  await vi.advanceTimersByTimeAsync(0);
  return { ...transport, events, onGap, stream };
}

test('older news of a run is dropped, that of another kind or run is not', async () => {
  const { connections, events, stream } = await setup();
  const changed = (version: number, runId: string) => serverSentEvent('run.changed', { 'run-id': runId, version });
  connections[0]?.send(changed(3, 'run-1') + changed(2, 'run-1') + changed(3, 'run-1') + changed(1, 'run-2'));
  connections[0]?.send(serverSentEvent('challenge.changed', { 'run-id': 'run-1', version: 3 }));
  await vi.advanceTimersByTimeAsync(0);
  expect(events.map(({ name, runId, version }) => [name, runId, version])).toEqual([
    ['run.changed', 'run-1', 3],
    ['run.changed', 'run-2', 1],
    ['challenge.changed', 'run-1', 3],
  ]);
  stream.close();
});

test('after a break it says that news may have been missed, and resumes at the last event', async () => {
  const { connections, onGap, stream } = await setup();
  expect(connections[0]?.url).toBe('/api/v2/events?organization=acme+%26+co');
  connections[0]?.send(serverSentEvent('worker.changed', {}, 'e7'));
  await vi.advanceTimersByTimeAsync(0);
  connections[0]?.cut();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connections[1]?.headers.get('last-event-id')).toBe('e7');
  expect(onGap).toHaveBeenCalledTimes(1);
  stream.close();
});

test('an event that cannot be read counts as a gap, one that is not known as nothing', async () => {
  const { connections, events, onGap, stream } = await setup();
  connections[0]?.send(serverSentEvent('from.the.future', {}));
  await vi.advanceTimersByTimeAsync(0);
  expect(onGap).not.toHaveBeenCalled();
  connections[0]?.send(serverSentEvent('run.changed', { 'run-id': 7 }));
  await vi.advanceTimersByTimeAsync(0);
  expect(onGap).toHaveBeenCalledTimes(1);
  expect(events).toEqual([]);
  stream.close();
});
