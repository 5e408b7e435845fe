import { expect, test } from 'vitest';
import { findInLog, hitsBetween, nearestHit } from '../../../src/features/log/find-in-log.ts';
import { LogBuffer } from '../../../src/features/log/log-buffer.ts';

function logOf(text: string): LogBuffer {
  const buffer = new LogBuffer();
  buffer.append(new TextEncoder().encode(text));
  return buffer;
}

test('every hit is found, across colours, without regard to case', () => {
  expect(findInLog(logOf('Aa a\nnone\n\x1b[31mb\x1b[0mA'), 'a')).toEqual([
    { line: 1, start: 0, end: 1 },
    { line: 1, start: 1, end: 2 },
    { line: 1, start: 3, end: 4 },
    { line: 3, start: 1, end: 2 },
  ]);
});

test('a search is literal: what is special elsewhere is not here', () => {
  expect(findInLog(logOf('f(x)\nfx'), '(')).toEqual([{ line: 1, start: 1, end: 2 }]);
  expect(findInLog(logOf('abc'), '')).toEqual([]);
});

test('hits are cut out by lines, and begun from where the reader is', () => {
  const hits = findInLog(logOf('a\na\nb\na a\na'), 'a');
  expect(hitsBetween(hits, 2, 4).map(({ line }) => line)).toEqual([2, 4, 4]);
  expect(nearestHit(hits, 3)).toBe(2);
  expect(nearestHit(hits, 99)).toBe(0);
});
