import { createServer, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './loopback.ts';

/**
 * The world outside terraform: a server that configurations call, which counts what was done to it and can keep a caller
 * waiting, so that a run stands still at a known place until a test lets it go on.
 */
export type Effects = {
  port: number;
  /** How often `path` was called. */
  count(path: string): number;
  /** Every path that was called, with how often. */
  counts(): ReadonlyMap<string, number>;
  /** From now on whoever calls `path` waits for `release`. */
  hold(path: string): void;
  release(path: string): void;
  /** Resolves when `path` was called `times` times in all. */
  reached(path: string, times?: number): Promise<void>;
  close(): Promise<void>;
};

/** What terraform's `http` state takes for a state, so that a plan can wait at a data source. */
const emptyState = JSON.stringify({ version: 4, terraform_version: '1.11.0', serial: 1, lineage: 'held', outputs: {} });

export async function startEffects(host = '127.0.0.1'): Promise<Effects> {
  const counts = new Map<string, number>();
  const held = new Map<string, ServerResponse[]>();
  const waiters = new Set<() => void>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    counts.set(path, (counts.get(path) ?? 0) + 1);
    for (const look of waiters) look();
    const waiting = held.get(path);
    if (waiting === undefined) answer(response);
    else waiting.push(response);
  });
  const { port, close } = await listenOnLoopback(server, host);
  function release(path: string): void {
    for (const response of held.get(path) ?? []) answer(response);
    held.delete(path);
  }
  return {
    port,
    count: (path) => counts.get(path) ?? 0,
    counts: () => counts,
    hold(path) {
      if (!held.has(path)) held.set(path, []);
    },
    release,
    reached(path, times = 1) {
      return new Promise((resolve) => {
        const look = () => {
          if ((counts.get(path) ?? 0) < times) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      });
    },
    async close() {
      for (const path of [...held.keys()]) release(path);
      await close();
    },
  };
}

function answer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(emptyState);
}
