import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { parseForeignJson, TooManyParts } from '@gatehouse/shared/foreign-json';
import { z } from 'zod';

/** The part of a state that says which it is; the rest is terraform's own. */
const stateHead = z.object({ version: z.int(), serial: z.int().nonnegative(), lineage: z.string() });

/** fs.watch is a hint: it may miss, or not exist on a network disk. */
const pollMs = 2_000;
/** Between two looks of which the first took long: so many times as long, so that other runs have the worker, too. */
const restFactor = 10;
/** Terraform rewrites the file in place, in more than one write. */
const settleMs = 50;

export type StateWatch = {
  /** A last look; then no more. False when the file's last content is no whole state, or it is gone. */
  stop(): Promise<boolean>;
};

/**
 * Calls `onState` with every whole state that terraform leaves in the file. A cut one (it is written in place) is passed
 * over: the next look finds it whole, or the one before it stays the latest.
 */
export function watchState(options: {
  folder: string;
  read: () => Promise<Uint8Array | undefined>;
  previous: Uint8Array | undefined;
  onState: (state: Uint8Array<ArrayBuffer>) => void;
  onTrouble: (error: unknown) => void;
}): StateWatch {
  let lastSeen = options.previous === undefined ? undefined : digest(options.previous);
  let looking: Promise<boolean> = Promise.resolve(true);
  let settling: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  let isStopped = false;
  let hasTold = false;

  let restsUntil = 0;
  const look = (): Promise<boolean> => {
    looking = looking.then(async (before) => {
      if (performance.now() < restsUntil && !isStopped) return before;
      const startedAt = performance.now();
      const isWhole = await lookOnce();
      const endedAt = performance.now();
      restsUntil = endedAt + restFactor * (endedAt - startedAt);
      return isWhole;
    });
    return looking;
  };

  async function lookOnce(): Promise<boolean> {
    try {
      const bytes = await options.read();
      // Without a state before, there may be none yet.
      if (bytes === undefined) return lastSeen === undefined;
      const seen = digest(bytes);
      if (seen === lastSeen) return true;
      if (!isWholeState(bytes)) return false;
      lastSeen = seen;
      options.onState(Uint8Array.from(bytes));
      return true;
    } catch (error) {
      options.onTrouble(error);
      return false;
    }
  }

  /**
   * Ends with its first event: a run that writes faster than events are read would keep libuv in their queue, and all else
   * of this process waiting, for as long as it likes.
   */
  const awaitChange = () => {
    try {
      watcher = watch(options.folder, () => {
        watcher?.close();
        const restMs = Math.max(settleMs, restsUntil - performance.now() + 1);
        settling ??= setTimeout(() => {
          settling = undefined;
          awaitChange();
          void look();
        }, restMs);
      });
      watcher.on('error', () => watcher?.close());
    } catch (error) {
      if (!hasTold) options.onTrouble(error);
      hasTold = true;
    }
  };
  awaitChange();
  const poll = setInterval(look, pollMs);

  return {
    async stop() {
      isStopped = true;
      clearInterval(poll);
      clearTimeout(settling);
      watcher?.close();
      return look();
    },
  };
}

/** One with too many parts to be read here counts as whole: the api refuses it, and the worker keeps it. */
export function isWholeState(bytes: Uint8Array): boolean {
  try {
    return stateHead.safeParse(parseForeignJson(bytes)).success;
  } catch (error) {
    return error instanceof TooManyParts;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
