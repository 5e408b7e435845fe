import type { Redis } from '@gatehouse/shared/redis';

/** What wakes a reader who has read everything there was. */
export type HintListener = {
  /** Resolves at the next hint, or at once when there was one since the last call; else after `timeoutMs` or at an abort. */
  next(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  stop(): void;
};

export type LogHints = {
  /** Hears the hints of one log until it is stopped. Never fails: without Redis there are none, and readers poll. */
  listen(logKey: string): HintListener;
};

/**
 * One subscribing connection for all readers of the process; a channel is subscribed while somebody listens to it. Hints
 * carry nothing, so a lost one costs a reader its poll's period, and a slow reader holds nothing up.
 */
export function createLogHints(subscriber: Redis): LogHints {
  const wakers = new Map<string, Set<() => void>>();
  const wakeAll = (channel: string) => {
    for (const wake of wakers.get(channel) ?? []) wake();
  };
  subscriber.on('message', wakeAll);

  function subscribe(channel: string): Set<() => void> {
    const existing = wakers.get(channel);
    if (existing !== undefined) return existing;
    const set = new Set<() => void>();
    wakers.set(channel, set);
    // What came between a reader's first look and the subscription is found by one more look. A failure leaves the poll.
    subscriber.subscribe(channel).then(() => wakeAll(channel), ignoreFailure);
    return set;
  }

  return {
    listen(logKey) {
      const listeners = subscribe(logKey);
      const bell = createBell();
      listeners.add(bell.ring);
      return {
        next: bell.next,
        stop() {
          listeners.delete(bell.ring);
          if (listeners.size > 0 || wakers.get(logKey) !== listeners) return;
          wakers.delete(logKey);
          subscriber.unsubscribe(logKey).then(undefined, ignoreFailure);
        },
      };
    },
  };
}

/** A connection that is closing refuses; its owner hears of it by the connection's own `error` and `end` events. */
function ignoreFailure(): void {}

function createBell(): { ring: () => void; next: HintListener['next'] } {
  let rang = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rang = true;
      wake?.();
    },
    async next(timeoutMs, signal) {
      if (!rang && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          const done = () => {
            clearTimeout(timer);
            signal?.removeEventListener('abort', done);
            resolve();
          };
          wake = done;
          signal?.addEventListener('abort', done, { once: true });
        });
        wake = undefined;
      }
      rang = false;
    },
  };
}
