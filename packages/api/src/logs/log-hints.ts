import { type FreshBytes, freshBytes } from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';

/** What wakes a reader who has read everything there was. */
export type HintListener = {
  /**
   * Resolves at the next hint, or at once when there was one since the last call; else at the next backstop, or at the
   * abort. Answers with the bytes at `offset` where the hints have brought them all; undefined: they are to be read.
   */
  next(offset: number): Promise<FreshBytes | undefined>;
  stop(): void;
};

export type LogHints = {
  /**
   * Hears the hints of one log until it is stopped. Never fails: without Redis there are none, and readers look every
   * `backstopMs`.
   */
  listen(logKey: string, options: { backstopMs: number; signal: AbortSignal }): HintListener;
};

/** What is kept for a reader that does not keep up; he reads for himself then. */
const maxKeptBytes = 64 * 1024;

/**
 * One subscribing connection for all readers of the process; a channel is subscribed while somebody listens to it. A
 * lost hint costs a reader the backstop's period, and a slow reader holds nothing up.
 */
export function createLogHints(subscriber: Redis): LogHints {
  const listeners = new Map<string, Set<Bell>>();
  const ringAll = (channel: string, fresh?: FreshBytes) => {
    for (const bell of listeners.get(channel) ?? []) bell.ring(fresh);
  };
  subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) =>
    ringAll(channel.toString(), freshBytes(message)),
  );

  function subscribe(channel: string): Set<Bell> {
    const existing = listeners.get(channel);
    if (existing !== undefined) return existing;
    const set = new Set<Bell>();
    listeners.set(channel, set);
    // What came between a reader's first look and the subscription is found by one more look. A failure leaves the backstop.
    subscriber.subscribe(channel).then(() => ringAll(channel), ignoreFailure);
    return set;
  }

  return {
    listen(logKey, { backstopMs, signal }) {
      const all = subscribe(logKey);
      const bell = new Bell();
      all.add(bell);
      const look = () => bell.ring();
      const backstop = setInterval(look, backstopMs);
      signal.addEventListener('abort', look);
      return {
        async next(offset) {
          if (!signal.aborted) await bell.rung();
          return bell.take(offset);
        },
        stop() {
          clearInterval(backstop);
          signal.removeEventListener('abort', look);
          all.delete(bell);
          if (all.size > 0 || listeners.get(logKey) !== all) return;
          listeners.delete(logKey);
          subscriber.unsubscribe(logKey).then(undefined, ignoreFailure);
        },
      };
    },
  };
}

/** A connection that is closing refuses; its owner hears of it by the connection's own `error` and `end` events. */
function ignoreFailure(): void {}

class Bell {
  #hasRung = false;
  #fresh: FreshBytes[] = [];
  #freshBytes = 0;
  /** Something came that is not in `#fresh`. */
  #mustRead = false;
  #wake: (() => void) | undefined;

  ring(fresh?: FreshBytes): void {
    this.#freshBytes += fresh?.bytes.length ?? 0;
    if (fresh === undefined || this.#freshBytes > maxKeptBytes) this.#mustRead = true;
    else this.#fresh.push(fresh);
    if (this.#mustRead) this.#fresh = [];
    this.#hasRung = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
    this.#hasRung = false;
  }

  /** What follows `offset` without a gap. What lies before was read already: it came while the reader looked. */
  take(offset: number): FreshBytes | undefined {
    const fresh = this.#fresh.filter(({ startOffset, bytes }) => startOffset + bytes.length > offset);
    const mustRead = this.#mustRead;
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#mustRead = false;
    let end = offset;
    for (const { startOffset, bytes } of fresh) {
      if (startOffset !== end) return undefined;
      end += bytes.length;
    }
    if (mustRead || fresh.length === 0) return undefined;
    // The very same bytes for all readers where they can be: what is made of them is made once.
    const [first] = fresh;
    if (fresh.length === 1) return first;
    return { startOffset: offset, bytes: Buffer.concat(fresh.map(({ bytes }) => bytes)) };
  }
}
