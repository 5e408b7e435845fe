export type Relay = {
  /** There may be something new: to be called after each commit. Returns at once; what it finds is begun in a later turn. */
  wake(): void;
  /** Resolves when nothing is due any more. */
  settled(): Promise<void>;
  /** Finishes what it is at, and does no more. */
  close(): Promise<void>;
};

/** Nothing tells when what was pushed back is due again, nor when another process died over it. */
const pollMs = 1_000;

/**
 * Works off what is due: one thing after the other under each key, keys beside each other. `step` does the next thing, or
 * the next few, of a key and answers whether there may be another; it decides itself what becomes of one that fails.
 */
export function createKeyedRelay(work: {
  /** Keys worked on at a time. */
  atATime: number;
  /** Keys that have something due, the most urgent first. */
  dueKeys(limit: number): readonly string[];
  step(key: string, isClosed: () => boolean): Promise<boolean>;
}): Relay {
  const { atATime, dueKeys, step } = work;
  const busy = new Map<string, Promise<void>>();
  /** Those at work that were seen to have something due: it may have come after their last step. */
  const seenAgain = new Set<string>();
  let isClosed = false;
  let isFull = false;
  let next: NodeJS.Immediate | undefined;
  const timer = setInterval(look, pollMs);

  /** One look for all that commit in this turn, and not in the turn of any: a commit returns before its consequences begin. */
  function wake(): void {
    if (!isClosed) next ??= setImmediate(look);
  }

  function look(): void {
    clearImmediate(next);
    next = undefined;
    if (isClosed) return;
    // More than can be taken, since those at work are among them.
    for (const key of dueKeys(atATime * 2)) {
      if (busy.has(key)) seenAgain.add(key);
      else if (busy.size < atATime) busy.set(key, relayKey(key));
    }
    isFull = busy.size >= atATime;
  }

  async function relayKey(key: string): Promise<void> {
    // Not before `busy` has it: what ends at once would be entered after it was taken out.
    await Promise.resolve();
    try {
      let mayHaveMore = true;
      while (!isClosed && mayHaveMore) {
        seenAgain.delete(key);
        mayHaveMore = (await step(key, () => isClosed)) || seenAgain.has(key);
      }
    } finally {
      busy.delete(key);
      // Only then can something be due that no look has given to anybody.
      if (isFull) wake();
    }
  }

  return {
    wake,
    async settled() {
      for (look(); busy.size > 0; look()) await Promise.race(busy.values());
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      clearImmediate(next);
      await Promise.all(busy.values());
    },
  };
}
