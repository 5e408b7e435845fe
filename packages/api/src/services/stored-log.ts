import type { PhaseOfRun } from '../logs/live-log.ts';
import type { LogEvent } from '../logs/log-event.ts';
import { gapFiller } from '../logs/log-gap.ts';
import { unframedLog } from '../logs/unframed-log.ts';
import { type ReadLogDependencies, readPhaseLog } from './read-phase-log.ts';

const sliceBytes = 256 * 1024;

/** The bytes of a log that there are now, from `offset` on, without its framing; does not wait for more. */
export async function* storedLog(
  dependencies: ReadLogDependencies,
  log: PhaseOfRun & { offset: number },
): AsyncGenerator<Uint8Array> {
  for await (const event of unframedLog(eventsNow(dependencies, log))) {
    if (event.kind === 'bytes') yield event.bytes;
    // A filler of a log's beginning has the framing byte that is left out here.
    if (event.kind === 'gap') yield gapFiller(event.from, event.to).subarray(event.from === 0 ? 1 : 0);
  }
}

async function* eventsNow(
  dependencies: ReadLogDependencies,
  { runId, phase, offset }: PhaseOfRun & { offset: number },
): AsyncGenerator<LogEvent> {
  let cursor = offset;
  for (;;) {
    const slice = await readPhaseLog(dependencies, { runId, phase, offset: cursor, limit: sliceBytes });
    if (slice.bytes.length === 0) return yield { kind: 'end', offset: cursor };
    if (slice.startOffset > cursor) yield { kind: 'gap', from: cursor, to: slice.startOffset };
    yield { kind: 'bytes', startOffset: slice.startOffset, bytes: slice.bytes };
    cursor = slice.startOffset + slice.bytes.length;
  }
}
