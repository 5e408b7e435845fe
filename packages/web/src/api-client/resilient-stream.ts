import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Fetch } from './api.ts';
import type { StreamState } from './stream-state.ts';

export type ResilientStreamOptions = {
  fetch: Fetch;
  /** Asked before each attempt, so that it can resume where the last one broke. */
  request(): { url: string; headers?: Record<string, string> };
  /** Returns 'end' when nothing follows; throwing breaks the connection and resumes. */
  onMessage(message: EventSourceMessage): 'end' | undefined;
  onState(state: StreamState): void;
  /** Refreshes the page without the stream; it is called again only after it has settled. */
  poll?: () => Promise<void>;
  /** 0 to 1, for the jitter of retries. */
  random?: () => number;
  timing?: Partial<StreamTiming>;
};

export type StreamTiming = {
  /** The heartbeat is every 5 s: two missing. */
  lateAfterMs: number;
  /** A connection that has been silent so long is dead, though nobody closed it. */
  deadAfterMs: number;
  retryMs: readonly number[];
  pollAfterMs: number;
  pollEveryMs: number;
};

const defaultTiming: StreamTiming = {
  lateAfterMs: 10_000,
  deadAfterMs: 20_000,
  retryMs: [1_000, 2_000, 4_000, 8_000, 15_000],
  pollAfterMs: 30_000,
  pollEveryMs: 5_000,
};

export type ResilientStream = {
  /** Ends the wait between two attempts: on a press, on `online`, on becoming visible. */
  tryNow(): void;
  close(): void;
};

/** Server-sent events that come back: connects, notices silence, retries with growing waits, polls meanwhile. */
export function openResilientStream(options: ResilientStreamOptions): ResilientStream {
  const timing = { ...defaultTiming, ...options.timing };
  const random = options.random ?? Math.random;
  const closing = new AbortController();
  let lastAt: number | undefined;
  let lostAt: number | undefined;
  let failures = 0;
  let wake = () => {};
  let poller: ReturnType<typeof setInterval> | undefined;
  let lastPollAt: number | undefined;

  const onState = (state: StreamState) => {
    if (!closing.signal.aborted) options.onState(state);
  };

  async function run(): Promise<void> {
    onState({ kind: 'connecting' });
    while (!closing.signal.aborted) {
      const outcome = await attempt();
      if (closing.signal.aborted) return;
      if (outcome !== 'broken') {
        stopPolling();
        onState({ kind: outcome });
        return;
      }
      lostAt ??= Date.now();
      await pause();
    }
  }

  /** One connection, from its request to its end. */
  async function attempt(): Promise<'broken' | 'ended' | 'signed-out'> {
    const dropping = new AbortController();
    const drop = () => dropping.abort();
    closing.signal.addEventListener('abort', drop, { once: true });
    let silence: ReturnType<typeof setTimeout> | undefined;
    let death = setTimeout(drop, timing.deadAfterMs);
    const heard = () => {
      lastAt = Date.now();
      if (lostAt !== undefined || failures > 0) stopPolling();
      lostAt = undefined;
      failures = 0;
      clearTimeout(silence);
      clearTimeout(death);
      onState({ kind: 'live', lastAt });
      const at = lastAt;
      silence = setTimeout(() => onState({ kind: 'late', lastAt: at }), timing.lateAfterMs);
      death = setTimeout(drop, timing.deadAfterMs);
    };
    try {
      const { url, headers } = options.request();
      const response = await options.fetch(url, {
        credentials: 'same-origin',
        headers: { accept: 'text/event-stream', ...headers },
        signal: dropping.signal,
        cache: 'no-store',
      });
      if (response.status === 401) return 'signed-out';
      if (!response.ok || response.body === null) return 'broken';
      heard();
      return await readMessages(response.body, dropping.signal, heard);
    } catch {
      return 'broken';
    } finally {
      clearTimeout(silence);
      clearTimeout(death);
      closing.signal.removeEventListener('abort', drop);
      dropping.abort();
    }
  }

  async function readMessages(
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal,
    heard: () => void,
  ): Promise<'broken' | 'ended'> {
    let ended = false;
    const parser = createParser({
      onEvent: (message) => {
        ended ||= options.onMessage(message) === 'end';
      },
    });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    // A fake or a proxied body may not end with its request: the signal is listened to here as well.
    const aborted = new Promise<{ done: true; value: undefined }>((resolve) => {
      signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
    });
    try {
      for (;;) {
        const { done, value } = await Promise.race([reader.read(), aborted]);
        if (done) return 'broken';
        heard();
        parser.feed(decoder.decode(value, { stream: true }));
        if (ended) return 'ended';
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  /** Waits for the next attempt, or until somebody wants it now. */
  async function pause(): Promise<void> {
    const base = timing.retryMs[Math.min(failures, timing.retryMs.length - 1)] ?? 0;
    failures += 1;
    // Up to a fifth less, so that a thousand pages do not come back in the same instant.
    const waitMs = base * (1 - 0.2 * random());
    startPollingWhenLong();
    if (poller === undefined) onState({ kind: 'reconnecting', lastAt, nextTryAt: Date.now() + waitMs });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      closing.signal.addEventListener('abort', wake, { once: true });
    });
    wake = () => {};
    if (poller === undefined) onState({ kind: 'reconnecting', lastAt, nextTryAt: undefined });
  }

  function startPollingWhenLong(): void {
    const { poll } = options;
    if (poll === undefined || poller !== undefined || lostAt === undefined) return;
    if (Date.now() - lostAt < timing.pollAfterMs) return;
    let isAsking = false;
    const ask = async () => {
      if (isAsking) return;
      isAsking = true;
      try {
        await poll();
        lastPollAt = Date.now();
      } catch {
        // The next one may do better; the state says how old the page is.
      } finally {
        isAsking = false;
        if (poller !== undefined) onState({ kind: 'polling', lastAt, lastPollAt });
      }
    };
    poller = setInterval(() => void ask(), timing.pollEveryMs);
    onState({ kind: 'polling', lastAt, lastPollAt });
    void ask();
  }

  function stopPolling(): void {
    clearInterval(poller);
    poller = undefined;
  }

  // run() ends by itself and catches what an attempt throws; what onState throws is the caller's.
  void run();
  return {
    tryNow: () => wake(),
    close: () => {
      closing.abort();
      stopPolling();
    },
  };
}
