import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ResilientStream } from '../../api-client/resilient-stream.ts';
import { readSession } from '../../api-client/session.ts';
import { openSharedStateEvents } from '../../api-client/shared-state-events.ts';
import type { StateEventsOptions } from '../../api-client/state-events.ts';
import type { StreamState } from '../../api-client/stream-state.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { refreshAfter, refreshAll } from './refresh.ts';

export type OpenStateEvents = (options: StateEventsOptions) => ResilientStream;

type Live = {
  state: StreamState;
  tryNow(): void;
  /** Asks for what only operators are told, as long as the returned function was not called. */
  wantQueue(): () => void;
};

const LiveContext = createContext<Live | undefined>(undefined);

/** One stream of changes for the whole page: what it tells of is fetched again, and nothing else is. */
export function LiveProvider({
  children,
  open = openSharedStateEvents,
}: {
  children: ReactNode;
  open?: OpenStateEvents;
}) {
  const { api, fetch } = useServices();
  const queries = useQueryClient();
  // Another object after signing in again, which is when the stream must be opened anew.
  const { who } = useSession();
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });
  const [queueReaders, setQueueReaders] = useState(0);
  const isQueueWanted = queueReaders > 0;
  const stream = useRef<ResilientStream>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `who` stands for the session that the stream belongs to.
  useEffect(() => {
    let wasLive = false;
    const opened = open({
      fetch,
      ...(isQueueWanted ? { topics: ['queue'] as const } : {}),
      onEvent: (event) => refreshAfter(queries, event),
      onGap: () => void refreshAll(queries),
      onState: (next) => {
        setState(next);
        // What was fetched before the stream was there may have changed in between.
        if (next.kind === 'live' && !wasLive) {
          wasLive = true;
          void refreshAll(queries);
        }
        // The gate hears of a request that was refused, and asks to sign in over the page.
        if (next.kind === 'signed-out') readSession(api).catch(() => {});
      },
      poll: () => refreshAll(queries),
    });
    stream.current = opened;
    const tryNow = () => opened.tryNow();
    const onVisible = () => document.visibilityState === 'visible' && tryNow();
    window.addEventListener('online', tryNow);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      window.removeEventListener('online', tryNow);
      document.removeEventListener('visibilitychange', onVisible);
      opened.close();
    };
  }, [api, fetch, queries, open, who, isQueueWanted]);

  const tryNow = useCallback(() => stream.current?.tryNow(), []);
  const wantQueue = useCallback(() => {
    setQueueReaders((count) => count + 1);
    return () => setQueueReaders((count) => count - 1);
  }, []);
  const live = useMemo(() => ({ state, tryNow, wantQueue }), [state, tryNow, wantQueue]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error('A live component stands outside of LiveProvider.');
  return live;
}

/** While the component that uses it is shown, the stream tells of workers and queues too. Operators only. */
export function useQueueTopic(): void {
  const { wantQueue } = useLive();
  useEffect(() => wantQueue(), [wantQueue]);
}
