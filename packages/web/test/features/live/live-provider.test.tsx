import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { createApi } from '../../../src/api-client/api.ts';
import { createServerClock } from '../../../src/api-client/server-clock.ts';
import type { StateEventsOptions } from '../../../src/api-client/state-events.ts';
import { LiveProvider, useLive, useQueueTopic } from '../../../src/features/live/live-provider.tsx';
import { SessionProvider } from '../../../src/features/session/current-session.tsx';
import { ServicesProvider } from '../../../src/features/session/services.tsx';

function Page({ read }: { read(name: string): () => Promise<string> }) {
  useQuery({ queryKey: ['run', 'run-1'], queryFn: read('run-1') });
  useQuery({ queryKey: ['run', 'run-2'], queryFn: read('run-2') });
  useQuery({ queryKey: ['waiting'], queryFn: read('waiting') });
  useQuery({ queryKey: ['plan', 'run-1'], queryFn: read('plan') });
  return <output>{useLive().state.kind}</output>;
}

function Queue() {
  useQueueTopic();
  return null;
}

function setup({ withQueue = false } = {}) {
  const opened: StateEventsOptions[] = [];
  const closed = vi.fn();
  const asked: string[] = [];
  const read = (name: string) => async () => {
    asked.push(name);
    return name;
  };
  const sent: string[] = [];
  const fetch = async (url: string) => {
    sent.push(url);
    return new Response('{}', { status: 401 });
  };
  const clock = createServerClock();
  const session = {
    who: { userId: 'user-alice', username: 'alice', isSiteAdmin: false, expiresAt: 0 },
    organizations: [],
  };
  const open = (options: StateEventsOptions) => {
    opened.push(options);
    return { tryNow: () => {}, close: closed };
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ServicesProvider services={{ api: createApi({ fetch, clock }), fetch, clock }}>
        <SessionProvider session={session}>
          <LiveProvider open={open}>
            <Page read={read} />
            {withQueue && <Queue />}
          </LiveProvider>
        </SessionProvider>
      </ServicesProvider>
    </QueryClientProvider>,
  );
  const stream = () => opened.at(-1) ?? expect.fail('No stream was opened.');
  const settled = () => act(async () => {});
  return { opened, closed, asked, sent, stream, settled };
}

const event = {
  name: 'run.changed',
  runId: 'run-1',
  workspace: 'network-prod',
  organization: 'acme',
  version: 2,
} as const;

test('an event fetches what it names, and nothing else', async () => {
  const { asked, stream, settled } = setup();
  await settled();
  asked.length = 0;
  act(() => stream().onEvent(event));
  await settled();
  expect(asked.toSorted()).toEqual(['run-1', 'waiting']);
});

test('a gap, the first connection and a poll fetch all but what never changes', async () => {
  const { asked, stream, settled } = setup();
  await settled();
  for (const cause of [
    () => stream().onGap(),
    () => stream().onState({ kind: 'live', lastAt: Date.now() }),
    () => void stream().poll(),
  ]) {
    asked.length = 0;
    act(cause);
    await settled();
    expect(asked.toSorted()).toEqual(['run-1', 'run-2', 'waiting']);
  }
  asked.length = 0;
  act(() => stream().onState({ kind: 'live', lastAt: Date.now() }));
  await settled();
  expect(asked).toEqual([]);
  expect(screen.getByRole('status').textContent).toBe('live');
});

test('a stream that is refused asks who is signed in, which the gate hears', async () => {
  const { sent, stream, settled } = setup();
  act(() => stream().onState({ kind: 'signed-out' }));
  await settled();
  expect(sent).toEqual(['/api/v2/session']);
});

test('a page for operators asks for their topic', async () => {
  const { opened, closed, settled } = setup({ withQueue: true });
  await settled();
  expect(opened.map(({ topics }) => topics)).toEqual([undefined, ['queue']]);
  expect(closed).toHaveBeenCalledTimes(1);
});
