import { expect, test } from 'vitest';
import { LogBuffer } from '../../../src/features/log/log-buffer.ts';
import { itemOfLine, type LogSection, logItems } from '../../../src/features/log/log-sections.ts';

const buffer = new LogBuffer();
buffer.append(new TextEncoder().encode(Array.from({ length: 450 }, (_, line) => `line ${line + 1}\n`).join('')));
const byteOfLine = (line: number) =>
  Array.from({ length: line - 1 }, (_, index) => `line ${index + 1}\n`).join('').length;
const sections: readonly LogSection[] = [
  { id: 'gatehouse', title: 'gatehouse', startByte: 0, state: 'finished', byGatehouse: true },
  { id: 'init', title: 'init', startByte: byteOfLine(3), state: 'failed' },
  { id: 'plan', title: 'plan', startByte: byteOfLine(10), state: 'running' },
];
const shape = (choices: ReadonlyMap<string, boolean>) =>
  logItems(buffer, sections, choices, 200).map((item) =>
    item.kind === 'header'
      ? `${item.lines.section.id} ${item.isOpen ? 'open' : 'folded'}`
      : `${item.first}-${item.last}`,
  );

test('what runs or failed is open, the finished is folded', () => {
  expect(shape(new Map())).toEqual([
    'gatehouse folded',
    'init open',
    '3-9',
    'plan open',
    '10-209',
    '210-409',
    '410-450',
  ]);
});

test('the reader’s own choice wins', () => {
  expect(
    shape(
      new Map([
        ['gatehouse', true],
        ['plan', false],
      ]),
    ),
  ).toEqual(['gatehouse open', '1-2', 'init open', '3-9', 'plan folded']);
});

test('a log without an index is one stretch', () => {
  expect(logItems(buffer, [], new Map(), 200).map((item) => item.key)).toEqual(['log-1', 'log-201', 'log-401']);
});

test('a line is found in what is open', () => {
  const items = logItems(buffer, sections, new Map(), 200);
  expect(itemOfLine(items, 250)).toBe(5);
  expect(itemOfLine(items, 1)).toBeUndefined();
});

test('what Gatehouse wrote among other lines is marked, and only that', () => {
  const marked = [
    { start: byteOfLine(12), end: byteOfLine(14) },
    { start: byteOfLine(300), end: byteOfLine(301) },
  ];
  const rows = logItems(buffer, sections, new Map([['gatehouse', true]]), 200, marked).flatMap((item) =>
    item.kind === 'rows' && item.byGatehouse ? [`${item.first}-${item.last}`] : [],
  );
  expect(rows).toEqual(['1-2', '12-13', '300-300']);
});
