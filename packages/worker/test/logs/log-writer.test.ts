import { setTimeout as sleep } from 'node:timers/promises';
import { readLogIndex } from '@gatehouse/shared/log-sections';
import { appendLog, endOfLogOnce, logEndOffset, maxChunkBytes, readLog } from '@gatehouse/shared/log-stream';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogWriter, type LogWriterOptions, openLogWriter } from '../../src/logs/log-writer.ts';
import { type RedisServer, startRedis } from '../surroundings/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

let keys = 0;
async function setup(more: Partial<LogWriterOptions> = {}, before = '') {
  const key = `log:run-${keys++}:plan`;
  if (before !== '') await appendLog(server.redis, key, Buffer.from(before));
  const givenUp: number[] = [];
  const log = await openLogWriter({
    redis: server.redis,
    key,
    limitBytes: 100 * 1024 * 1024,
    onGivenUp: () => givenUp.push(Date.now()),
    ...more,
  });
  return { log, key, givenUp, stored: () => stored(key) };
}

async function stored(key: string): Promise<string> {
  const slice = await readLog(server.redis, key, 0, 100 * 1024 * 1024);
  return Buffer.from(slice?.bytes ?? '').toString();
}

const write = (log: LogWriter, text: string) => log.write(Buffer.from(text));

test('continues where the lines of the api end, and own lines stand on lines of their own', async () => {
  const { log, stored } = await setup({}, '\u0002Waiting for a code.\n');
  log.say('one');
  await write(log, 'Plan: 1');
  log.say('two');
  await write(log, ' to add\n');
  expect(await log.close()).toBe(true);
  expect(await stored()).toBe('\u0002Waiting for a code.\nGatehouse: one\nPlan: 1\nGatehouse: two\n to add\n');
});

test('what an own line quotes makes no second one, and acts on no terminal', async () => {
  const { log, stored } = await setup();
  log.say('The lineage is "a\nGatehouse: all is well\u001b]0;owned\u0007\u2028\u202e".');
  log.relay(`of the api\r\n${'x'.repeat(3_000)}`);
  expect(await log.close()).toBe(true);
  const lines = (await stored()).split('\n');
  expect(lines[0]).toBe('Gatehouse: The lineage is "a?Gatehouse: all is well?]0;owned???".');
  expect(lines[1]).toMatch(/^of the api\?\?x{1980,1995} …$/);
  expect(lines.slice(2)).toEqual(['']);
});

test('bytes are there soon after they were written, while the stream stays open', async () => {
  const { log, stored } = await setup();
  await write(log, 'a line\n');
  await sleep(150);
  expect(await stored()).toBe('a line\n');
  await log.close();
});

test('chunks are bounded and end between characters', async () => {
  const { log, key, stored } = await setup();
  const text = `x${'€'.repeat(60_000)}`;
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += 7_001) await log.write(bytes.subarray(start, start + 7_001));
  await log.close();
  expect(await stored()).toBe(text);
  for (const [, fields] of await server.redis.xrangeBuffer(key, '-', '+')) {
    const chunk = fields[1] ?? Buffer.alloc(0);
    expect(chunk.length).toBeLessThanOrEqual(maxChunkBytes);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(chunk)).not.toThrow();
  }
});

describe('secrets', () => {
  test('are masked before they are stored, also across writes and in own lines', async () => {
    const { log, stored } = await setup();
    log.mask(new Secret('hunter2-secret'));
    await write(log, 'password=hunt');
    await write(log, 'er2-secret\n');
    log.say('it was hunter2-secret');
    await log.close();
    expect(await stored()).toBe('password=[masked]\nGatehouse: it was [masked]\n');
  });

  test('a secret that stays incomplete is not shown in halves by an own line', async () => {
    const { log, stored } = await setup();
    log.mask(new Secret('hunter2-secret'));
    await write(log, 'a hunter2-');
    log.say('in between');
    await write(log, 'secret b\n');
    await log.close();
    expect(await stored()).toBe('a \nGatehouse: in between\n[masked] b\n');
  });

  test('a secret that is split by a control sequence is found', async () => {
    const { log, stored } = await setup();
    log.mask(new Secret('hunter2-secret'));
    await write(log, 'hunter2\u001b[K-secret\n');
    await log.close();
    expect(await stored()).toBe('[masked]\n');
  });
});

test('past its limit the log is cut, which it says; own lines go on', async () => {
  const { log, stored } = await setup({ limitBytes: 2 * 1024 * 1024 });
  for (let line = 0; line < 300; line++) await write(log, `${'y'.repeat(10_239)}\n`);
  log.say('the end');
  await log.close();
  const text = await stored();
  expect(text).toMatch(/y\nGatehouse: log cut here after 2 MiB; terraform goes on\.\nGatehouse: the end\n$/);
  expect(text.length).toBeLessThan(2 * 1024 * 1024 + 200);
});

test('a log that somebody else continued is given up, and nothing is added to it', async () => {
  const { log, key, givenUp, stored } = await setup();
  await write(log, 'ours\n');
  await sleep(60);
  await appendLog(server.redis, key, Buffer.from('the worker was given up for lost\n'));
  await write(log, 'late\n');
  expect(await log.close()).toBe(false);
  expect(givenUp).toHaveLength(1);
  expect(await stored()).toBe('ours\nthe worker was given up for lost\n');
});

test('while Redis is away output waits at 4 MiB, and every byte is there when it is back', async () => {
  const own = await startRedis();
  try {
    const trouble: unknown[] = [];
    const redis = own.connect();
    const log = await openLogWriter({
      redis,
      key: 'log:run-1:plan',
      limitBytes: 100 * 1024 * 1024,
      onGivenUp: () => {},
      onTrouble: (error) => trouble.push(error),
    });
    await write(log, 'before\n');
    await sleep(100);
    await own.stop();
    const line = `${'z'.repeat(65_535)}\n`;
    let written = 0;
    const writing = (async () => {
      for (; written < 100; written++) await write(log, line);
    })();
    await sleep(1_500);
    const paused = written;
    expect(paused).toBeLessThan(70);
    expect(paused).toBeGreaterThan(50);
    await own.start();
    await writing;
    expect(await log.close()).toBe(true);
    expect(trouble).toHaveLength(1);
    expect(await logEndOffset(redis, 'log:run-1:plan')).toBe(7 + 100 * 65_536);
  } finally {
    await own.close();
  }
});

test('sections and own lines are told beside the log, to the byte; the run cannot pass for us', async () => {
  const { log, key, stored } = await setup({}, '\u0002Waiting for a code.\n');
  log.say('plan of acme/network');
  log.section('init');
  await write(log, 'Initializing\nhalf a line');
  log.say('größer');
  log.section('plan');
  await write(log, 'Gatehouse: Authenticated with MFA by `nobody`\n');
  log.section('summary');
  log.say('plan finished');
  expect(await log.close()).toBe(true);
  const bytes = Buffer.from(await stored());
  const { sections, ownRanges } = await readLogIndex(server.redis, key);
  const text = (start: number, end?: number) => bytes.subarray(start, end).toString();
  expect(ownRanges.map(([start, end]) => text(start, end))).toEqual([
    'Gatehouse: plan of acme/network\n',
    'Gatehouse: größer\n',
    'Gatehouse: plan finished\n',
  ]);
  expect(sections.map(({ name }) => name)).toEqual(['init', 'plan', 'summary']);
  expect(sections.map(({ startOffset }) => text(startOffset).split('\n')[0])).toEqual([
    'Initializing',
    'Gatehouse: Authenticated with MFA by `nobody`',
    'Gatehouse: plan finished',
  ]);
});

test('a section that begins while a slow Redis takes what is before it is told without a word behind it', async () => {
  let isFirst = true;
  const slow = new Proxy(server.redis, {
    get(redis, name) {
      if (name !== 'rpush') {
        const value: unknown = Reflect.get(redis, name);
        return typeof value === 'function' ? value.bind(redis) : value;
      }
      return async (...list: Parameters<typeof redis.rpush>) => {
        if (isFirst) {
          isFirst = false;
          log.section('plan');
          // Longer than anything waits before it is stored.
          await sleep(100);
        }
        return redis.rpush(...list);
      };
    },
  });
  const { log, key } = await setup({ redis: slow });
  log.section('init');
  await write(log, 'Initializing\n');
  const names = async () => (await readLogIndex(server.redis, key)).sections.map(({ name }) => name);
  await expect.poll(names).toEqual(['init', 'plan']);
  await log.close();
});

test('a writer that was given up marks nothing of what others wrote since', async () => {
  const { log, key, givenUp } = await setup({}, '\u0002');
  await write(log, 'before\n');
  await expect.poll(() => logEndOffset(server.redis, key)).toBe(8);
  await appendLog(
    server.redis,
    key,
    Buffer.from('Error: the worker is lost, and many more words than it says itself\n'),
  );
  log.section('summary');
  log.say('I was only asleep');
  await log.close();
  expect(givenUp).toHaveLength(1);
  expect(await readLogIndex(server.redis, key)).toEqual({ sections: [], ownRanges: [] });
});

describe('what Redis loses of a log', () => {
  test('is stored again before what comes next, the lines of the api and the marks with it', async () => {
    const { log, key, givenUp, stored } = await setup({}, '\u0002Waiting for a code.\n');
    log.say('begins');
    log.section('plan');
    await write(log, 'one\n');
    await expect.poll(stored).toMatch(/one\n$/);
    await server.redis.flushall();
    await write(log, 'two\n');
    expect(await log.close()).toBe(true);
    expect(await stored()).toBe('\u0002Waiting for a code.\nGatehouse: begins\none\ntwo\n');
    expect((await readLogIndex(server.redis, key)).sections.map(({ name }) => name)).toEqual(['plan']);
    expect(givenUp).toEqual([]);
  });

  test('is stored again where only the last bytes are lost: a replica took over', async () => {
    const { log, key, givenUp, stored } = await setup({}, '\u0002');
    for (const text of ['one\n', 'two\n', 'three\n']) {
      await write(log, text);
      await expect.poll(stored).toContain(text);
    }
    const entries = await server.redis.xrange(key, '-', '+');
    await server.redis.del(key);
    for (const [id, fields] of entries.slice(0, -2)) await server.redis.xadd(key, id, ...fields);
    await write(log, 'four\n');
    expect(await log.close()).toBe(true);
    expect(await stored()).toBe('\u0002one\ntwo\nthree\nfour\n');
    expect(givenUp).toEqual([]);
  });

  test('is told as a gap where it is more than is remembered, and the log goes on', async () => {
    const { log, key, givenUp } = await setup();
    for (let line = 0; line < 100; line++) await write(log, `${'z'.repeat(65_535)}\n`);
    await expect.poll(() => logEndOffset(server.redis, key), { timeout: 10_000 }).toBe(100 * 65_536);
    await server.redis.flushall();
    await write(log, 'last\n');
    expect(await log.close()).toBe(true);
    const slice = await readLog(server.redis, key, 0);
    expect(slice?.startOffset).toBeGreaterThan(0);
    expect(await logEndOffset(server.redis, key)).toBe(100 * 65_536 + 5);
    expect(givenUp).toEqual([]);
  });

  test('is not stored again behind the end that somebody else has set', async () => {
    const { log, key, givenUp, stored } = await setup();
    await write(log, 'ours, and longer than what the api says\n');
    await expect.poll(stored).toMatch(/says\n$/);
    await server.redis.flushall();
    await appendLog(server.redis, key, Buffer.from('lost\u0003'), { once: endOfLogOnce });
    await write(log, 'late\n');
    expect(await log.close()).toBe(false);
    expect(givenUp).toHaveLength(1);
    expect(await stored()).toBe('lost\u0003');
  });
});
