import { appendLog } from '@gatehouse/shared/log-stream';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLogHints } from '../../src/logs/log-hints.ts';
import { startKillableRedis } from '../killable-redis.ts';

let server: Awaited<ReturnType<typeof startKillableRedis>>;
beforeAll(async () => {
  server = await startKillableRedis();
});
afterAll(() => server.stop());

/** A listener of a new log, past the look that its subscription brings. */
async function listener({ backstopMs = 60_000, signal = new AbortController().signal } = {}) {
  const key = `log:${crypto.randomUUID()}`;
  const hints = createLogHints(server.subscriber).listen(key, { backstopMs, signal });
  onTestFinished(() => hints.stop());
  expect(await hints.next(0)).toBeUndefined();
  const append = (text: string) => appendLog(server.redis, key, Buffer.from(text));
  return { hints, append, text: async (offset: number) => (await hints.next(offset))?.bytes.toString() };
}

describe('the hints of a log', () => {
  test('bring what was appended since to a reader that has the rest', async () => {
    const { append, text } = await listener();
    const waiting = text(0);
    await append('one\n');
    expect(await waiting).toBe('one\n');
    await append('two\n');
    await append('three\n');
    // Both have come by the time that another log's answer has.
    await server.redis.ping();
    await server.subscriber.ping();
    expect(await text(4)).toBe('two\nthree\n');
  });

  test('are dropped where the reader has read them by itself meanwhile', async () => {
    const { append, text } = await listener();
    await append('read\n');
    await append('fresh\n');
    await server.subscriber.ping();
    expect(await text(5)).toBe('fresh\n');
  });

  test('have a reader look who lacks something before them, or was away for long', async () => {
    const { append, hints } = await listener();
    await append('missed\n');
    await server.subscriber.ping();
    expect(await hints.next(3)).toBeUndefined();
    for (let line = 0; line < 20; line++) await append('x'.repeat(4_000));
    await server.subscriber.ping();
    expect(await hints.next(7)).toBeUndefined();
  });

  test('are given up at the backstop and at the abort', async () => {
    const { hints } = await listener({ backstopMs: 20 });
    expect(await hints.next(0)).toBeUndefined();
    const abort = new AbortController();
    const aborted = await listener({ signal: abort.signal });
    const waiting = aborted.hints.next(0);
    abort.abort();
    expect(await waiting).toBeUndefined();
    expect(await aborted.hints.next(0)).toBeUndefined();
  });

  test('of one slice are the very same bytes for all readers', async () => {
    const key = `log:${crypto.randomUUID()}`;
    const all = createLogHints(server.subscriber);
    const options = { backstopMs: 60_000, signal: new AbortController().signal };
    const readers = [all.listen(key, options), all.listen(key, options)];
    onTestFinished(() => {
      for (const reader of readers) reader.stop();
    });
    await Promise.all(readers.map((reader) => reader.next(0)));
    await appendLog(server.redis, key, Buffer.from('same\n'));
    const [one, other] = await Promise.all(readers.map((reader) => reader.next(0)));
    expect(one?.bytes.toString()).toBe('same\n');
    expect(other?.bytes).toBe(one?.bytes);
  });
});
