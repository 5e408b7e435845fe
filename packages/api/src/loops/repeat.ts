export type Loop = { close(): Promise<void> };

/**
 * Does `work` every `everyMs`, counted from the end of the last time, and at once at the start. What it throws goes to
 * `onError`, and the next time comes all the same: a sweep is the backstop and must not die.
 */
export function repeat(options: {
  everyMs: number;
  work: () => Promise<void> | void;
  onError: (error: unknown) => void;
}): Loop {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let current = turn();

  async function turn(): Promise<void> {
    try {
      await options.work();
    } catch (error) {
      options.onError(error);
    }
    if (isClosed) return;
    timer = setTimeout(() => {
      current = turn();
    }, options.everyMs);
  }

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await current;
    },
  };
}
