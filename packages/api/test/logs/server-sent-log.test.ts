import { randomBytes } from 'node:crypto';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../src/logs/log-event.ts';
import { serverSentLog } from '../../src/logs/server-sent-log.ts';
import { unframedLog } from '../../src/logs/unframed-log.ts';

async function* chunked(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<LogEvent> {
  let startOffset = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    if (cut > startOffset) yield { kind: 'bytes', startOffset, bytes: bytes.subarray(startOffset, cut) };
    startOffset = Math.max(startOffset, cut);
    yield { kind: 'idle' };
  }
  yield { kind: 'end', offset: bytes.length };
}

async function received(events: AsyncIterable<LogEvent>) {
  const messages: { id: number; event: string; data: unknown }[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => messages.push({ id: Number(id), event: event ?? '', data: JSON.parse(data) }),
  });
  for await (const event of serverSentLog(unframedLog(events))) parser.feed(Buffer.from(event).toString());
  return messages;
}

const bytesOf = (messages: Awaited<ReturnType<typeof received>>) =>
  Buffer.concat(
    messages.map(({ event, data }) => {
      if (event === 'log') return Buffer.from(String(data));
      return event === 'bytes' ? Buffer.from(String(data), 'base64') : Buffer.alloc(0);
    }),
  );

describe('a log as server-sent events', () => {
  test('holds every byte once, however it was cut, whatever it holds', async () => {
    const content = fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('a\nb\r\nc\n\n', 'data: x\n\nid: 9\n', '\ufeffBOM', '\x03', 'x\x03')
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(content, fc.array(fc.nat(60)), async (inner, cuts) => {
        const framed = Buffer.concat([Buffer.from([2]), inner, Buffer.from([3])]);
        const messages = await received(
          chunked(
            framed,
            cuts.filter((cut) => cut <= framed.length),
          ),
        );
        expect(bytesOf(messages).equals(inner)).toBe(true);
        expect(messages.at(-1)).toEqual({ id: framed.length, event: 'end', data: { size: framed.length } });
      }),
    );
  });

  test('never cuts a character: text that arrives byte by byte is shown as text', async () => {
    const text = Buffer.from('\x02größe → 🚀\n\x03');
    const messages = await received(chunked(text, [...text.keys()]));
    expect(messages.map(({ event }) => event)).not.toContain('bytes');
    expect(messages.map(({ data }) => data)).toContain('🚀');
  });

  test('numbers each event with the offset behind it, also while a character is incomplete', async () => {
    const text = Buffer.from('\x02aé');
    const messages = await received(
      (async function* () {
        yield { kind: 'bytes', startOffset: 0, bytes: text.subarray(0, 3) };
        yield { kind: 'bytes', startOffset: 3, bytes: text.subarray(3) };
      })(),
    );
    expect(messages).toEqual([
      { id: 2, event: 'log', data: 'a' },
      { id: 4, event: 'log', data: 'é' },
    ]);
  });

  test('shows output that is no text as base64', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff]), randomBytes(40), Buffer.from('.')]);
    const [message] = await received(
      (async function* () {
        yield { kind: 'bytes', startOffset: 9, bytes };
      })(),
    );
    expect(message).toEqual({ id: 9 + bytes.length, event: 'bytes', data: bytes.toString('base64') });
  });

  test('tells a gap, after what was held back before it', async () => {
    const messages = await received(
      (async function* () {
        yield { kind: 'bytes', startOffset: 5, bytes: Buffer.from([0x61, 0xc3]) };
        yield { kind: 'gap', from: 7, to: 20 };
        yield { kind: 'bytes', startOffset: 20, bytes: Buffer.from('z') };
      })(),
    );
    expect(messages).toEqual([
      { id: 6, event: 'log', data: 'a' },
      { id: 7, event: 'bytes', data: 'ww==' },
      { id: 20, event: 'gap', data: { from: 7, to: 20 } },
      { id: 21, event: 'log', data: 'z' },
    ]);
  });
});
