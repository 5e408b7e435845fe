import type { RunChanges } from '../queue/run-changes.ts';

/** Behind the hints, which may get lost: the rows are read again this often (ms). One primary-key read each. */
const pollMs = 250;

/** Resolves when `isOver`, which is asked at each hint about one of `ids`, or after `timeoutMs`. */
export async function awaitOutcome(
  changes: Pick<RunChanges, 'subscribe'>,
  wait: { ids: readonly string[]; isOver: () => boolean; timeoutMs: number },
): Promise<void> {
  await new Promise<void>((resolve) => {
    const check = () => {
      if (wait.isOver()) finish();
    };
    const unsubscribe = wait.ids.map((id) => changes.subscribe(id, check));
    const poll = setInterval(check, pollMs);
    const timeout = setTimeout(() => finish(), wait.timeoutMs);
    const finish = () => {
      clearInterval(poll);
      clearTimeout(timeout);
      for (const end of unsubscribe) end();
      resolve();
    };
    check();
  });
}
