import { isUtf8 } from 'node:buffer';
import { serverSentEvent } from '../domain/server-sent-event.ts';
import type { LogEvent } from './log-event.ts';

/**
 * A log as server-sent events. `id` is the byte offset behind what the event holds, so that `Last-Event-ID` resumes:
 * - `log`: a JSON string of text. `bytes`: a JSON string of base64, for output that is not UTF-8.
 * - `gap`: `{"from", "to"}`, bytes that are lost. `end`: `{"size"}`, the log is complete; close the event source then.
 * A comment after every while of silence keeps proxies from closing.
 */
export async function* serverSentLog(events: AsyncIterable<LogEvent>): AsyncGenerator<string | Uint8Array> {
  // The beginning of a character whose rest is still to come.
  let held: Uint8Array = new Uint8Array();
  let heldOffset = 0;
  for await (const event of events) {
    if (event.kind === 'bytes') {
      const bytes = held.length === 0 ? event.bytes : Buffer.concat([held, event.bytes]);
      const startOffset = event.startOffset - held.length;
      const whole = bytes.length - openCharacterLength(bytes);
      if (whole > 0) yield logMessage(startOffset, whole === bytes.length ? bytes : bytes.subarray(0, whole));
      held = bytes.subarray(whole);
      heldOffset = startOffset + whole;
      continue;
    }
    if (event.kind === 'idle') {
      yield ': waiting\n\n';
      continue;
    }
    // What was held will not be completed.
    if (held.length > 0) yield logMessage(heldOffset, held);
    held = new Uint8Array();
    if (event.kind === 'gap') yield serverSentEvent('gap', { from: event.from, to: event.to }, event.to);
    else yield serverSentEvent('end', { size: event.offset }, event.offset);
  }
}

/** Readers that keep up are given the very same bytes: one makes the message for all. */
const messages = new WeakMap<Uint8Array, { startOffset: number; message: Uint8Array }>();

function logMessage(startOffset: number, bytes: Uint8Array): Uint8Array {
  const known = messages.get(bytes);
  if (known?.startOffset === startOffset) return known.message;
  const message = makeMessage(startOffset, bytes);
  messages.set(bytes, { startOffset, message });
  return message;
}

/** Of UTF-8 only bytes of ASCII are escaped in JSON: as latin1, one character a byte, the others come through as they are. */
function makeMessage(startOffset: number, bytes: Uint8Array): Uint8Array {
  const endOffset = startOffset + bytes.length;
  const encoding = isUtf8(bytes) ? 'latin1' : 'base64';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(encoding);
  return Buffer.from(serverSentEvent(encoding === 'latin1' ? 'log' : 'bytes', text, endOffset), 'latin1');
}

/** How many bytes at the end begin a UTF-8 character without ending it: 0 to 3. */
function openCharacterLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
