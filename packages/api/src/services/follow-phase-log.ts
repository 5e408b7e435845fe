import { type FreshBytes, logKey } from '@gatehouse/shared/log-stream';
import type { PhaseOfRun } from '../logs/live-log.ts';
import type { LogEvent } from '../logs/log-event.ts';
import type { LogHints } from '../logs/log-hints.ts';
import { type PhaseLogSlice, type ReadLogDependencies, readPhaseLog } from './read-phase-log.ts';

/** The backstop behind the hints: what a reader waits at most when one was lost. */
const backstopMs = 1000;
/** Proxies close a silent connection after 30 to 60 s. */
const defaultIdleMs = 15_000;
/** What one reader holds in memory at once. */
const sliceBytes = 256 * 1024;

/** The reads of live logs that are under way, one map for the process. */
export type SharedReads = Map<string, Promise<PhaseLogSlice>>;

export type FollowLogDependencies = ReadLogDependencies & { logHints: LogHints; sharedReads: SharedReads };

/**
 * A phase's log from `offset` on, as it grows, to its end. Each reader has its own cursor and is read for only when it
 * asks, so a slow one costs nothing; one that keeps up has the newest lines from the hints themselves. Returns at an
 * abort, without an `end`. Throws when neither Redis nor the archive can be read: the client resumes at its last offset.
 */
export async function* followPhaseLog(
  dependencies: FollowLogDependencies,
  input: PhaseOfRun & {
    offset: number;
    signal: AbortSignal;
    /** Silence after which an `idle` is told, in ms. Default 15 s. */
    idleMs?: number;
  },
): AsyncGenerator<LogEvent> {
  const { runId, phase, signal, idleMs = defaultIdleMs } = input;
  const hints = dependencies.logHints.listen(logKey(runId, phase), { backstopMs, signal });
  /** Bytes that a hint brought. */
  let fresh: FreshBytes | undefined;
  let cursor = input.offset;
  let lastToldAt = Date.now();
  try {
    while (!signal.aborted) {
      const slice = fresh ?? (await readOnce(dependencies, { runId, phase, offset: cursor, limit: sliceBytes }));
      if (slice.bytes.length > 0) {
        if (slice.startOffset > cursor) yield { kind: 'gap', from: cursor, to: slice.startOffset };
        yield { kind: 'bytes', startOffset: slice.startOffset, bytes: slice.bytes };
        cursor = slice.startOffset + slice.bytes.length;
        lastToldAt = Date.now();
        // Behind what was read there may be more, of which no hint comes any more.
        if (fresh === undefined) continue;
      } else if ('ended' in slice && slice.ended) {
        yield { kind: 'end', offset: cursor };
        return;
      } else if (Date.now() - lastToldAt >= idleMs) {
        yield { kind: 'idle' };
        lastToldAt = Date.now();
      }
      fresh = await hints.next(cursor);
    }
  } finally {
    hints.stop();
  }
}

/** Readers that keep up stand at the same byte and ask at the same moment: they share one read. */
function readOnce(dependencies: FollowLogDependencies, input: PhaseOfRun & { offset: number; limit: number }) {
  const { sharedReads } = dependencies;
  const name = `${input.runId} ${input.phase} ${input.offset}`;
  const running = sharedReads.get(name);
  if (running !== undefined) return running;
  const read = readPhaseLog(dependencies, input).finally(() => sharedReads.delete(name));
  sharedReads.set(name, read);
  return read;
}
