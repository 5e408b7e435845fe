import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
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
  const hasAsked = async (...names: string[]) => {
    await waitFor(() => expect(asked.toSorted()).toEqual(names));
    asked.length = 0;
  };
  return { opened, closed, asked, sent, stream, hasAsked };
}

const event = {
  name: 'run.changed',
  runId: 'run-1',
  workspace: 'network-prod',
  organization: 'acme',
  version: 2,
} as const;

const all = ['run-1', 'run-2', 'waiting'];

test('an event fetches what it names, and nothing else', async () => {
  const { stream, hasAsked } = setup();
  await hasAsked('plan', ...all);
  act(() => stream().onEvent(event));
  await hasAsked('run-1', 'waiting');
});

test('a gap, a poll and the first connection fetch all but what never changes', async () => {
  const { asked, stream, hasAsked } = setup();
  await hasAsked('plan', ...all);
  for (const cause of [
    () => stream().onGap(),
    () => void stream().poll(),
    () => stream().onState({ kind: 'live', lastAt: Date.now() }),
  ]) {
    act(cause);
    await hasAsked(...all);
  }
  act(() => stream().onState({ kind: 'live', lastAt: Date.now() }));
  expect((await screen.findByText('live')).tagName).toBe('OUTPUT');
  act(() => stream().onEvent(event));
  await hasAsked('run-1', 'waiting');
  expect(asked).toEqual([]);
});

test('a stream that is refused asks who is signed in, which the gate hears', async () => {
  const { sent, stream } = setup();
  act(() => stream().onState({ kind: 'signed-out' }));
  await waitFor(() => expect(sent).toEqual(['/api/v2/session']));
});

test('a page for operators asks for their topic', async () => {
  const { opened, closed } = setup({ withQueue: true });
  await waitFor(() => expect(opened.map(({ topics }) => topics)).toEqual([undefined, ['queue']]));
  expect(closed).toHaveBeenCalledTimes(1);
});
