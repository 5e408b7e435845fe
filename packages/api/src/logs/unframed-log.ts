import { endOfLog, startOfLog } from '@gatehouse/shared/log-stream';
import type { LogEvent } from './log-event.ts';

/**
 * Takes out the log's first and last byte (0x02, 0x03), which are for HashiCorp's clients. The same bytes inside the
 * output stay: a 0x03 is held back until it is known whether it was the last.
 */
export async function* unframedLog(events: AsyncIterable<LogEvent>): AsyncGenerator<LogEvent> {
  let held = false;
  for await (const event of events) {
    if (event.kind === 'idle') {
      yield event;
      continue;
    }
    if (event.kind !== 'bytes') {
      if (held && event.kind === 'gap') yield { kind: 'bytes', startOffset: event.from - 1, bytes: endOfLog };
      held = false;
      yield event;
      continue;
    }
    let startOffset = held ? event.startOffset - 1 : event.startOffset;
    let bytes: Uint8Array = held ? Buffer.concat([endOfLog, event.bytes]) : event.bytes;
    held = bytes.at(-1) === endOfLog[0];
    if (held) bytes = bytes.subarray(0, -1);
    if (startOffset === 0 && bytes[0] === startOfLog[0]) {
      bytes = bytes.subarray(1);
      startOffset = 1;
    }
    if (bytes.length > 0) yield { kind: 'bytes', startOffset, bytes };
  }
}
