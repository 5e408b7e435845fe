import * as z from 'zod/mini';
import type { Fetch } from './api.ts';
import type { ResilientStream } from './resilient-stream.ts';
import { openStateEvents, type StateEvent } from './state-events.ts';
import type { StreamState } from './stream-state.ts';

/** What a tab asks of the hub. */
export type HubRequest = { kind: 'open'; withQueue: boolean } | { kind: 'try-now' } | { kind: 'close' };

/** What the hub tells its tabs. */
export type HubNews =
  | { kind: 'event'; event: StateEvent }
  | { kind: 'gap' }
  | { kind: 'state'; state: StreamState }
  /** The stream is lost for long: ask for what you show. */
  | { kind: 'poll' };

const request = z.union([
  z.object({ kind: z.literal('open'), withQueue: z.boolean() }),
  z.object({ kind: z.literal('try-now') }),
  z.object({ kind: z.literal('close') }),
]);

/** A tab's end of the line; a MessagePort is one. */
export type HubPort = {
  postMessage(news: HubNews): void;
  addEventListener(type: 'message', listener: (message: { data: unknown }) => void): void;
};

type Line = { stream: ResilientStream; ports: Set<HubPort>; state: StreamState };

/**
 * One stream of events for all tabs of a browser: with HTTP/1.1 it has six connections for them all, and a log needs
 * one too. Lives in a SharedWorker; a line closes with its last tab.
 */
export function createStateHub({ fetch, open = openStateEvents }: { fetch: Fetch; open?: typeof openStateEvents }) {
  const lines = new Map<boolean, Line>();

  function lineOf(withQueue: boolean): Line {
    const known = lines.get(withQueue);
    // One that was refused is done: whoever asks has signed in again.
    if (known !== undefined && known.state.kind !== 'signed-out') return known;
    const ports = known?.ports ?? new Set<HubPort>();
    const tell = (news: HubNews) => {
      for (const port of ports) port.postMessage(news);
    };
    const line: Line = { ports, state: { kind: 'connecting' }, stream: { tryNow: () => {}, close: () => {} } };
    lines.set(withQueue, line);
    line.stream = open({
      fetch,
      ...(withQueue ? { topics: ['queue'] as const } : {}),
      onEvent: (event) => tell({ kind: 'event', event }),
      onGap: () => tell({ kind: 'gap' }),
      onState: (state) => {
        line.state = state;
        tell({ kind: 'state', state });
      },
      // Each tab waits for its own answers before it asks again.
      poll: async () => tell({ kind: 'poll' }),
    });
    return line;
  }

  function leave(port: HubPort): void {
    for (const [withQueue, line] of lines) {
      if (!line.ports.delete(port) || line.ports.size > 0) continue;
      line.stream.close();
      lines.delete(withQueue);
    }
  }

  return {
    connect(port: HubPort): void {
      port.addEventListener('message', ({ data }) => {
        const asked = request.safeParse(data).data;
        if (asked?.kind === 'close') leave(port);
        if (asked?.kind === 'try-now') {
          for (const line of lines.values()) if (line.ports.has(port)) line.stream.tryNow();
        }
        if (asked?.kind === 'open') {
          leave(port);
          const line = lineOf(asked.withQueue);
          line.ports.add(port);
          port.postMessage({ kind: 'state', state: line.state });
        }
      });
    },
  };
}
