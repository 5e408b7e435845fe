import { appendLog, logKey } from '@gatehouse/shared/log-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../src/blobs/blob-store.ts';
import { appendPhaseLines, liveLogEnd, openPhaseLog, type PhaseOfRun } from '../../src/logs/live-log.ts';
import { segmentBytes } from '../../src/services/archive-log.ts';
import { closePhaseLog } from '../../src/services/close-phase-log.ts';
import { followPhaseLog } from '../../src/services/follow-phase-log.ts';
import { readPhaseLog } from '../../src/services/read-phase-log.ts';
import { findPhaseLog } from '../../src/store/phase-logs.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

async function setup(phase: 'plan' | 'apply' = 'plan') {
  const run = await api.run({ phase });
  const log: PhaseOfRun = { runId: run.id, phase };
  await openPhaseLog(api, log);
  return { log, key: logKey(run.id, phase) };
}

async function readAll(log: PhaseOfRun, limit = 1024 * 1024, from = 0): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let offset = from;
  for (;;) {
    const slice = await readPhaseLog(api, { ...log, offset, limit });
    if (slice.bytes.length === 0) return Buffer.concat(parts);
    expect(slice.startOffset).toBe(offset);
    parts.push(slice.bytes);
    offset += slice.bytes.length;
  }
}

/** What a reader is told from `offset` to the end. */
async function follow(log: PhaseOfRun, offset = 0, onBytes: (bytes: Uint8Array) => unknown = () => undefined) {
  const parts: Uint8Array[] = [];
  const gaps: { from: number; to: number }[] = [];
  let cursor = offset;
  for await (const event of followPhaseLog(api, { ...log, offset, signal: AbortSignal.timeout(20_000) })) {
    if (event.kind === 'gap') {
      gaps.push({ from: event.from, to: event.to });
      cursor = event.to;
    }
    if (event.kind === 'bytes') {
      expect(event.startOffset).toBe(cursor);
      parts.push(event.bytes);
      cursor += event.bytes.length;
      await onBytes(event.bytes);
    }
    if (event.kind === 'end') return { text: Buffer.concat(parts).toString(), gaps, end: event.offset };
  }
  throw new Error('the log did not end');
}

test('the log of a phase that never came ends with its run', async () => {
  const run = await api.run();
  const log: PhaseOfRun = { runId: run.id, phase: 'plan' };
  const read = () => readPhaseLog(api, { ...log, offset: 0, limit: 100 });
  expect(await read()).toMatchObject({ ended: false });
  api.setStatus(run.id, 'errored');
  expect(await read()).toMatchObject({ ended: true });
  expect(await follow(log)).toMatchObject({ text: '', end: 0 });
});

describe('the log of a phase', () => {
  test('has its first byte, its lines and its last byte, each once however often it is asked for', async () => {
    const { log } = await setup();
    for (let time = 0; time < 3; time++) {
      await openPhaseLog(api, log);
      await appendPhaseLines(api, { ...log, lines: ['waits for a code', 'still waits'], once: 'outbox-1' });
    }
    await appendPhaseLines(api, { ...log, lines: ['authenticated'], once: 'outbox-2' });
    for (let time = 0; time < 3; time++) await closePhaseLog(api, { ...log, lines: [`done ${time}`] });
    expect((await readAll(log)).toString()).toBe('\x02waits for a code\nstill waits\nauthenticated\ndone 0\n\x03');
  });

  test('of an apply begins with the three lines that the terraform CLI drops', async () => {
    const { log } = await setup('apply');
    await closePhaseLog(api, { ...log, lines: ['fourth'] });
    const text = (await readAll(log)).toString();
    expect(text.split('\n')).toHaveLength(5);
    expect(text.split('\n')[3]).toBe('fourth');
  });

  test('takes nothing after its end, neither from us nor from a worker that was given up', async () => {
    const { log, key } = await setup();
    await appendLog(api.redis, key, Buffer.from('worker\n'), { startOffset: 1 });
    await closePhaseLog(api, { ...log, lines: ['lost'] });
    const whole = '\x02worker\nlost\n\x03';
    await appendPhaseLines(api, { ...log, lines: ['late'], once: 'late' });
    for (const startOffset of [8, whole.length]) {
      const late = appendLog(api.redis, key, Buffer.from('what it still had to say'), { startOffset });
      await expect(late).rejects.toMatchObject({ code: 'conflict' });
    }
    expect((await readAll(log)).toString()).toBe(whole);
    // Redis has dropped the archived log; a straggler must not begin it anew.
    await api.redis.del(key);
    await appendPhaseLines(api, { ...log, lines: ['later'], once: 'later' });
    expect(await api.redis.exists(key)).toBe(0);
    expect((await readAll(log)).toString()).toBe(whole);
  });

  test('keeps its framing and its lines whatever a line holds', async () => {
    const { log } = await setup();
    await closePhaseLog(api, { ...log, lines: ['a\x02b\x03c\nd\re\0f \x1b[1mbold\x1b[0m\tü'] });
    expect((await readAll(log)).toString()).toBe('\x02a b c d e f \x1b[1mbold\x1b[0m\tü\n\x03');
  });

  test('reads the same at every offset from Redis and from the archive', async () => {
    const { log } = await setup();
    await appendPhaseLines(api, { ...log, lines: ['größe', '🚀'], once: 'a' });
    await appendPhaseLines(api, { ...log, lines: ['third'], once: 'b' });
    const offsets = [...Array(25).keys()];
    const read = () => Promise.all(offsets.map((offset) => readAll(log, 1000, offset)));
    const live = await read();
    await closePhaseLog(api, { ...log, lines: [] });
    await api.redis.flushall();
    const archived = await read();
    const whole = Buffer.from('\x02größe\n🚀\nthird\n\x03');
    expect(archived).toEqual(offsets.map((offset) => whole.subarray(offset)));
    expect(live).toEqual(offsets.map((offset) => whole.subarray(offset, -1)));
  });

  test('of several segments is archived to the byte and read in slices of any size', async () => {
    const { log, key } = await setup();
    const line = `${'0123456789abcdef'.repeat(7)} line\n`;
    const chunk = Buffer.from(line.repeat(270));
    let offset = 1;
    while (offset < 2.5 * segmentBytes) {
      offset = (await appendLog(api.redis, key, chunk, { startOffset: offset })).endOffset;
    }
    const before = await readAll(log);
    await closePhaseLog(api, { ...log, lines: [] });
    await api.redis.flushall();
    const row = await findPhaseLog(api.database, log);
    expect(row).toMatchObject({ sizeBytes: before.length + 1 });
    expect((await readAll(log, 100_003)).equals(Buffer.concat([before, Buffer.from([3])]))).toBe(true);
    expect((await api.allStoredBytes()).includes('0123456789abcdef')).toBe(false);
  });
});

describe('the end of a log', () => {
  test('survives a failure at each step of the archive, and expires the log in Redis', async () => {
    for (const failing of ['put', 'mark'] as const) {
      const { log, key } = await setup();
      const broken: BlobStore = { ...api.blobs, put: () => Promise.reject(new Error('disk full')) };
      const brokenClock = {
        now(): Date {
          throw new Error('died here');
        },
      };
      const dependencies = failing === 'put' ? { ...api, blobs: broken } : { ...api, clock: brokenClock };
      await expect(closePhaseLog(dependencies, { ...log, lines: ['end'] })).rejects.toThrow(/disk full|died here/);
      expect((await findPhaseLog(api.database, log))?.archivedAt).toBeNull();
      await closePhaseLog(api, { ...log, lines: ['end'] });
      expect((await readAll(log)).toString()).toBe('\x02end\n\x03');
      // As if the process had died before the expiry was set.
      await api.redis.persist(key);
      await closePhaseLog(api, { ...log, lines: ['end'] });
      expect(await api.redis.ttl(key)).toBeGreaterThan(3000);
    }
  });

  test('is one when two ask for it at once', async () => {
    const { log } = await setup();
    await Promise.all([1, 2, 3].map((which) => closePhaseLog(api, { ...log, lines: [`by ${which}`] })));
    expect(['\x02by 1\n\x03', '\x02by 2\n\x03', '\x02by 3\n\x03']).toContain((await readAll(log)).toString());
  });

  test('archives what there is, and says so, when Redis lost the log', async () => {
    const { log } = await setup();
    await appendPhaseLines(api, { ...log, lines: ['gone'], once: 'a' });
    await api.redis.flushall();
    await closePhaseLog(api, { ...log, lines: ['errored'] });
    const text = (await readAll(log)).toString();
    expect(text.startsWith('\x02[Gatehouse] What stood here was lost')).toBe(true);
    expect(text.endsWith('.\nerrored\n\x03')).toBe(true);
    // A reader that had read further than what is left is told the end.
    expect(await follow(log, 9999)).toMatchObject({ text: '', gaps: [] });
  });

  test('fills in what Redis lost before a worker went on, so that offsets stay true', async () => {
    const { log, key } = await setup();
    await api.redis.flushall();
    await appendLog(api.redis, key, Buffer.from('goes on\n'), { startOffset: 500 });
    expect(await liveLogEnd(api, log)).toEqual({ offset: 508, ended: false });
    const followed = follow(log, 100);
    await closePhaseLog(api, { ...log, lines: [] });
    expect(await followed).toEqual({ text: 'goes on\n\x03', gaps: [{ from: 100, to: 500 }], end: 509 });
    const archived = await readAll(log);
    expect(archived).toHaveLength(509);
    expect(archived.toString().startsWith('\x02[Gatehouse] 500 bytes of this log were lost')).toBe(true);
    expect(archived.subarray(500).toString()).toBe('goes on\n\x03');
  });
});

test('what was written of a run whose workspace was deleted meanwhile does not stay in Redis', async () => {
  const log: PhaseOfRun = { runId: 'run-deleted', phase: 'plan' };
  await appendPhaseLines(api, { ...log, lines: ['Discarded by `olga`.'], once: 'end' });
  await closePhaseLog(api, { ...log, lines: [] });
  expect(await api.redis.ttl(logKey(log.runId, log.phase))).toBeGreaterThan(0);
});

describe('a reader that follows', () => {
  test('is told every byte once, whether it came early, late, or after the end', async () => {
    const { log } = await setup();
    const early = follow(log);
    const expected = ['\x02'];
    for (let index = 0; index < 50; index++) {
      await appendPhaseLines(api, { ...log, lines: [`line ${index}`], once: `line-${index}` });
      expected.push(`line ${index}\n`);
    }
    const late = follow(log);
    const inTheMiddle = follow(log, 100);
    await closePhaseLog(api, { ...log, lines: [] });
    const whole = `${expected.join('')}\x03`;
    expect((await early).text).toBe(whole);
    expect((await late).text).toBe(whole);
    expect((await inTheMiddle).text).toBe(whole.slice(100));
    await api.redis.flushall();
    expect(await follow(log)).toEqual({ text: whole, gaps: [], end: whole.length });
    expect(await follow(log, whole.length)).toEqual({ text: '', gaps: [], end: whole.length });
  });

  test('goes over to the archive in the middle, without a byte lost or doubled', async () => {
    const { log, key } = await setup();
    const chunk = Buffer.from('0123456789abcde\n'.repeat(2048));
    let offset = 1;
    for (let index = 0; index < 40; index++) {
      offset = (await appendLog(api.redis, key, chunk, { startOffset: offset })).endOffset;
    }
    let closed = false;
    const told = await follow(log, 0, async () => {
      if (closed) return;
      closed = true;
      await closePhaseLog(api, { ...log, lines: ['the end'] });
      await api.redis.del(key);
    });
    expect(told.gaps).toEqual([]);
    expect(told.text).toBe(`\x02${chunk.toString().repeat(40)}the end\n\x03`);
  });

  test('hears of silence, and of the end of its own wish', async () => {
    const { log } = await setup();
    const controller = new AbortController();
    const kinds: string[] = [];
    const input = { ...log, offset: 0, signal: controller.signal, idleMs: 1 };
    for await (const event of followPhaseLog(api, input)) {
      kinds.push(event.kind);
      if (event.kind === 'idle') controller.abort();
    }
    expect(kinds).toEqual(['bytes', 'idle']);
  });

  test('is woken by a hint, long before its poll', async () => {
    const { log } = await setup();
    const waits: number[] = [];
    let sentAt = 0;
    const told = follow(log, 1, () => waits.push(performance.now() - sentAt));
    for (let index = 0; index < 9; index++) {
      sentAt = performance.now();
      await appendPhaseLines(api, { ...log, lines: ['x'], once: `x-${index}` });
      await expect.poll(() => waits.length, { interval: 1 }).toBeGreaterThan(index);
    }
    await closePhaseLog(api, { ...log, lines: [] });
    await told;
    expect(waits.toSorted((a, b) => a - b)[4]).toBeLessThan(250);
  });

  test('leaves no subscription behind', async () => {
    const { log, key } = await setup();
    const both = Promise.all([follow(log), follow(log)]);
    await expect.poll(() => api.redis.pubsub('NUMSUB', key)).toEqual([key, 1]);
    await closePhaseLog(api, { ...log, lines: [] });
    await both;
    await expect.poll(() => api.redis.pubsub('NUMSUB', key)).toEqual([key, 0]);
  });

  test('outlives a Redis that is killed and comes back', async () => {
    const { log } = await setup();
    await appendPhaseLines(api, { ...log, lines: ['before'], once: 'before' });
    const told = follow(log);
    await api.redisServer.kill();
    await api.redisServer.restart();
    await appendPhaseLines(api, { ...log, lines: ['after'], once: 'after' });
    await closePhaseLog(api, { ...log, lines: [] });
    expect(await told).toMatchObject({ text: '\x02before\nafter\n\x03', gaps: [] });
  });
});
