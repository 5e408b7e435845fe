import { describe, expect, test } from 'vitest';
import { readLogIndex, sectionsOf } from '../../../src/features/run/log-index.ts';
import { localOffset } from '../../../src/features/run/use-phase-log.ts';

const document = {
  data: [
    section('gatehouse', 0, 101),
    section('init', 101, 301),
    section('plan', 301, 901),
    { ...section('summary', 901, 950), 'end-offset': null, 'ended-at': null },
  ],
  meta: {
    'gatehouse-ranges': [
      [0, 101],
      [901, 950],
    ],
    'log-end-offset': 950,
    ended: false,
    'server-now': '2026-05-03T12:00:09.000Z',
  },
};

function section(name: string, start: number, end: number) {
  return {
    name,
    'start-offset': start,
    'end-offset': end,
    'started-at': '2026-05-03T12:00:00.000Z',
    'ended-at': '2026-05-03T12:00:06.100Z',
  };
}

function sections(hasFailed: boolean, isEnded = false) {
  const index = readLogIndex(document) ?? expect.fail('The index was not read.');
  return sectionsOf(index, (offset) => Math.max(0, offset - 1), { phase: 'plan', hasFailed, isEnded });
}

describe('the index of a log', () => {
  test('becomes sections at the bytes that were received', () => {
    expect(
      sections(false).map(({ title, startByte, state, byGatehouse }) => [title, startByte, state, byGatehouse]),
    ).toEqual([
      ['gatehouse', 0, 'finished', true],
      ['init', 100, 'finished', false],
      ['plan', 300, 'finished', false],
      ['summary', 900, 'running', false],
    ]);
    expect(sections(false)[1]?.durationMs).toBe(6_100);
  });

  test('blames the phase, not the summary, and nothing runs once the log has ended', () => {
    expect(sections(true, true).map(({ state }) => state)).toEqual(['finished', 'finished', 'failed', 'finished']);
  });

  test('that cannot be read is none', () => {
    expect(readLogIndex({ data: 'x' })).toBeUndefined();
  });
});

describe('an offset of the stream', () => {
  const pieces = [
    { offset: 1, local: 0 },
    { offset: 500, local: 130 },
  ];
  test.each([
    [0, 0],
    [1, 0],
    [101, 100],
    [500, 130],
    [510, 140],
  ])('%i is byte %i of what was received', (offset, local) => {
    expect(localOffset(pieces, offset)).toBe(local);
  });

  test('before anything came lies behind the framing', () => {
    expect(localOffset([], 301)).toBe(300);
  });
});
