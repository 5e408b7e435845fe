import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  appendLogMarks,
  countLogMarks,
  indexOf,
  type LogMark,
  logMarksKey,
  readLogIndex,
} from '../src/log-sections.ts';
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await startPrivateRedis();
});
afterAll(() => server.stop());

const own = (start: number, end: number): LogMark => ({ kind: 'own', start, end });
const section = (name: 'gatehouse' | 'init' | 'plan', offset: number, atMs = 0): LogMark => ({
  kind: 'section',
  name,
  offset,
  atMs,
});

test('marks that were told twice, and in any order, make the same index', () => {
  const marks = [section('gatehouse', 0), own(0, 10), own(10, 20), section('init', 20, 5), own(30, 40)];
  const index = {
    sections: [
      { name: 'gatehouse', startOffset: 0, startedAtMs: 0 },
      { name: 'init', startOffset: 20, startedAtMs: 5 },
    ],
    ownRanges: [
      [0, 20],
      [30, 40],
    ],
  };
  fc.assert(
    fc.property(fc.shuffledSubarray([...marks, ...marks], { minLength: marks.length * 2 }), (shuffled) => {
      expect(indexOf(shuffled)).toEqual(index);
    }),
  );
});

test('they lie beside the log for a while, and what is not of our form is passed over', async () => {
  const key = 'log:run-1:plan';
  await appendLogMarks(server.redis, key, []);
  expect(await countLogMarks(server.redis, key)).toBe(0);
  await appendLogMarks(server.redis, key, [section('init', 3), own(1, 3)]);
  await server.redis.rpush(logMarksKey(key), 'no json', '{"kind":"own","start":"0","end":9}');
  expect(await countLogMarks(server.redis, key)).toBe(4);
  expect(await readLogIndex(server.redis, key)).toEqual({
    sections: [{ name: 'init', startOffset: 3, startedAtMs: 0 }],
    ownRanges: [[1, 3]],
  });
  expect(await server.redis.ttl(logMarksKey(key))).toBeGreaterThan(600_000);
});
