import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { createApi } from '../../../src/api-client/api.ts';
import { createServerClock } from '../../../src/api-client/server-clock.ts';
import { usePhaseLog } from '../../../src/features/run/use-phase-log.ts';
import { ServicesProvider } from '../../../src/features/session/services.tsx';
import { scriptedTransport, serverSentEvent } from '../../api-client/scripted-stream.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function setup() {
  const { fetch, connections } = scriptedTransport();
  const clock = createServerClock();
  const services = { api: createApi({ fetch, clock }), fetch, clock };
  const wrapper = ({ children }: { children: ReactNode }) => (
    <ServicesProvider services={services}>{children}</ServicesProvider>
  );
  const { result, unmount } = renderHook(
    () => usePhaseLog('run-1', 'plan', { hasFailed: false, isStructured: false }),
    { wrapper },
  );
  await act(async () => {});
  return {
    connections,
    unmount,
    log: () => result.current,
    send: (text: string) => act(async () => connections.at(-1)?.send(text)),
    setVisible: (state: 'hidden' | 'visible') =>
      act(async () => {
        vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
        document.dispatchEvent(new Event('visibilitychange'));
      }),
  };
}

test('a tab out of view gives its connection back and resumes at the byte where it was', async () => {
  const { connections, log, send, setVisible, unmount } = await setup();
  await send(serverSentEvent('log', 'one\n', 5));
  await setVisible('hidden');
  expect(connections[0]?.isAborted()).toBe(true);
  await setVisible('visible');
  expect(connections[1]?.url).toBe('/api/v2/runs/run-1/logs/plan?offset=5&sections=true');
  await send(serverSentEvent('log', 'one\ntwo\n', 9));
  expect([log().buffer.text(1), log().buffer.text(2), log().buffer.lineCount]).toEqual(['one', 'two', 2]);
  unmount();
});

test('what is lost is said in its place, and marks behind it stay at their lines', async () => {
  const { log, send, unmount } = await setup();
  await send(serverSentEvent('log', 'one\n', 5));
  await send(serverSentEvent('gap', { from: 5, to: 105 }, 105));
  await send(serverSentEvent('log', 'told by gatehouse\n', 123));
  await send(
    serverSentEvent('sections', {
      data: [],
      meta: { 'gatehouse-ranges': [[105, 123]], 'log-end-offset': 123, ended: false },
    }),
  );
  const { buffer, marked } = log();
  expect(buffer.text(3)).toBe('[100 bytes of this log are lost]');
  expect(marked.map(({ start, end }) => [buffer.lineAtByte(start), buffer.lineAtByte(end - 1)])).toEqual([[4, 4]]);
  expect(buffer.text(4)).toBe('told by gatehouse');
  unmount();
});
