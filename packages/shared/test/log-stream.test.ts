import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  appendChunks,
  appendLog,
  chunksOf,
  continueLog,
  endOfLog,
  endOfLogOnce,
  type FreshBytes,
  freshBytes,
  logEndOffset,
  logKey,
  maxChunkBytes,
  readLog,
} from '../src/log-stream.ts';
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts';

let server: PrivateRedis;
let count = 0;
beforeAll(async () => {
  server = await startPrivateRedis();
});
afterAll(() => server.stop());

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bytes = (string: string) => new TextEncoder().encode(string);
const setup = () => ({ redis: server.redis, key: logKey(`run-${++count}`, 'plan') });

describe('a log', () => {
  test('is read from any byte on', async () => {
    const { redis, key } = setup();
    for (const part of ['Hello ', 'wide ', 'world']) await appendLog(redis, key, bytes(part));
    for (let offset = 0; offset < 16; offset++) {
      const slice = await readLog(redis, key, offset);
      expect(text(slice?.bytes)).toBe('Hello wide world'.slice(offset));
      expect(slice?.startOffset).toBe(offset);
    }
    expect(await readLog(redis, key, 16)).toBeUndefined();
    expect(await readLog(redis, key, 99)).toBeUndefined();
    expect(await logEndOffset(redis, key)).toBe(16);
  });

  test('takes a chunk that is sent again once', async () => {
    const { redis, key } = setup();
    expect(await appendLog(redis, key, bytes('abc'), { startOffset: 0 })).toEqual({
      endOffset: 3,
      wasThereAlready: false,
    });
    expect(await appendLog(redis, key, bytes('abc'), { startOffset: 0 })).toEqual({
      endOffset: 3,
      wasThereAlready: true,
    });
    expect(text((await readLog(redis, key, 0))?.bytes)).toBe('abc');
  });

  test('refuses a writer that was given up and has fallen behind', async () => {
    const { redis, key } = setup();
    await appendLog(redis, key, bytes('abc'), { startOffset: 0 });
    await appendLog(redis, key, bytes('the api says: lost'));
    const late = appendLog(redis, key, bytes('x'.repeat(100)), { startOffset: 3 });
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
    // Neither a shorter chunk nor one that ends where another's does is taken for one that is there.
    for (const chunk of ['xy', 'x'.repeat(18)]) {
      const stale = appendLog(redis, key, bytes(chunk), { startOffset: 3 });
      await expect(stale).rejects.toMatchObject({ code: 'conflict' });
    }
  });

  test('does a named append once, however often it is asked', async () => {
    const { redis, key } = setup();
    await appendLog(redis, key, bytes('line\n'), { once: 'outbox-7' });
    expect((await appendLog(redis, key, bytes('line\n'), { once: 'outbox-7' })).wasThereAlready).toBe(true);
    expect(text((await readLog(redis, key, 0))?.bytes)).toBe('line\n');
  });

  test('takes nothing after its end, from whomever', async () => {
    const { redis, key } = setup();
    await appendLog(redis, key, bytes('abc'));
    await appendLog(redis, key, endOfLog, { once: endOfLogOnce });
    expect((await appendLog(redis, key, bytes('late'))).wasThereAlready).toBe(true);
    expect((await appendLog(redis, key, bytes('abc'), { startOffset: 0 })).wasThereAlready).toBe(true);
    await expect(appendLog(redis, key, bytes('d'), { startOffset: 4 })).rejects.toMatchObject({ code: 'conflict' });
    expect(text((await readLog(redis, key, 0))?.bytes)).toBe('abc\x03');
  });

  test('can do a named append again that was refused for its place', async () => {
    const { redis, key } = setup();
    await appendLog(redis, key, bytes('abc'));
    const refused = appendLog(redis, key, bytes('x'.repeat(9)), { startOffset: 1, once: 'n' });
    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    expect((await appendLog(redis, key, bytes('x'), { startOffset: 3, once: 'n' })).wasThereAlready).toBe(false);
  });

  test('goes on after Redis lost it, and the reader sees where the gap ends', async () => {
    const { redis, key } = setup();
    await appendLog(redis, key, bytes('before'), { startOffset: 0 });
    await redis.del(key);
    await appendLog(redis, key, bytes('after'), { startOffset: 6 });
    expect(await readLog(redis, key, 2)).toMatchObject({ startOffset: 6 });
  });

  test('that a late worker goes on with after Redis lost it does not stay for ever', async () => {
    const { redis, key } = setup();
    await appendLog(redis, key, bytes('last words of a worker that was given up'), { startOffset: 6 });
    expect(await redis.ttl(key)).toBeGreaterThan(0);
  });

  test('is continued behind what there is, and begun where Redis lost what the api had begun', async () => {
    const { redis, key } = setup();
    expect(await continueLog(redis, key)).toBe(1);
    expect(text((await readLog(redis, key, 0))?.bytes)).toBe('\x02');
    await appendLog(redis, key, bytes('line\n'));
    expect(await continueLog(redis, key)).toBe(6);
  });

  test('wakes its readers, and brings them what is short', async () => {
    const { redis, key } = setup();
    const subscriber = redis.duplicate();
    await subscriber.subscribe(key);
    const hints: (FreshBytes | undefined)[] = [];
    const all = new Promise<void>((resolve) => {
      subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => {
        if (hints.push(freshBytes(message)) === 5) resolve();
      });
    });
    await appendLog(redis, key, bytes('abcd'));
    await appendChunks(redis, key, [bytes('e'), Uint8Array.of(0xff, 0x3a)], { startOffset: 4 });
    // What was there already is not told again.
    await appendChunks(redis, key, [Uint8Array.of(0xff, 0x3a), bytes('f')], { startOffset: 5 });
    await appendLog(redis, key, new Uint8Array(5_000).fill(0x61));
    await appendLog(redis, key, endOfLog, { once: endOfLogOnce });
    await all;
    subscriber.disconnect();
    const plain = hints.map((hint) => hint && { ...hint, bytes: Uint8Array.from(hint.bytes) });
    expect(plain).toEqual([
      { startOffset: 0, bytes: bytes('abcd') },
      { startOffset: 4, bytes: Uint8Array.of(0x65, 0xff, 0x3a) },
      { startOffset: 7, bytes: bytes('f') },
      undefined,
      undefined,
    ]);
  });

  test('keeps every byte, however it is cut and read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        async (parts, limit) => {
          const { redis, key } = setup();
          for (const part of parts) await appendLog(redis, key, part);
          const read: Uint8Array[] = [];
          for (let offset = 0; ; ) {
            const slice = await readLog(redis, key, offset, limit);
            if (slice === undefined) break;
            expect(slice.startOffset).toBe(offset);
            read.push(slice.bytes);
            offset += slice.bytes.length;
          }
          expect(Buffer.concat(read).equals(Buffer.concat(parts))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('chunks', () => {
  test('are whole characters of at most the limit', () => {
    const whole = bytes('aé€😀'.repeat(20_000));
    const chunks = [...chunksOf(whole)];
    expect(Buffer.concat(chunks).equals(Buffer.from(whole))).toBe(true);
    for (const chunk of chunks) {
      expect(chunk.length).toBeLessThanOrEqual(maxChunkBytes);
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(chunk)).not.toThrow();
    }
  });

  test('of binary output are cut anywhere and lose nothing', () => {
    const whole = new Uint8Array(maxChunkBytes * 2 + 5).fill(0x80);
    expect(Buffer.concat([...chunksOf(whole)]).equals(Buffer.from(whole))).toBe(true);
  });
});
