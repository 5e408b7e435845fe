export type Relay = {
  /** There may be something new: to be called after each commit. Returns at once. */
  wake(): void;
  /** Resolves when nothing is due any more. */
  settled(): Promise<void>;
  /** Finishes what it is at, and does no more. */
  close(): Promise<void>;
};

/** Nothing tells when what was pushed back is due again, nor when another process died over it. */
const pollMs = 1_000;

/**
 * Works off what is due: one thing after the other under each key, keys beside each other. `step` does the next thing
 * of a key and answers whether there may be another; it decides itself what becomes of one that fails.
 */
export function createKeyedRelay(work: {
  /** Keys worked on at a time. */
  atATime: number;
  /** Keys that have something due, the most urgent first. */
  dueKeys(limit: number): readonly string[];
  step(key: string): Promise<boolean>;
}): Relay {
  const { atATime, dueKeys, step } = work;
  const busy = new Map<string, Promise<void>>();
  let isClosed = false;
  const timer = setInterval(wake, pollMs);

  function wake(): void {
    if (isClosed) return;
    // More than can be taken, since those at work are among them.
    for (const key of dueKeys(atATime * 2)) {
      if (busy.size >= atATime) return;
      if (busy.has(key)) continue;
      const relayed = relayKey(key).finally(() => {
        busy.delete(key);
        wake();
      });
      busy.set(key, relayed);
    }
  }

  async function relayKey(key: string): Promise<void> {
    // Not in the caller's turn: a commit returns before its consequences begin.
    await Promise.resolve();
    while (!isClosed && (await step(key)));
  }

  return {
    wake,
    async settled() {
      for (wake(); busy.size > 0; wake()) await Promise.race(busy.values());
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      await Promise.all(busy.values());
    },
  };
}
