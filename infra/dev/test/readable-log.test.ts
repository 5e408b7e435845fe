import { expect, test } from 'vitest';
import { readableLog } from '../src/readable-log.ts';

const json = JSON.stringify({ '@level': 'info', '@message': 'a: Refreshing…', type: 'refresh_complete' });
const log = `Gatehouse: hello\n${json}\nplain {"@level":"x"} line\n{"own": "json"}\n\n${json}\n`;
const expected = 'Gatehouse: hello\na: Refreshing…\nplain {"@level":"x"} line\n{"own": "json"}\n\na: Refreshing…\n';

test('JSON lines of terraform become text, however the log arrives, and all else passes', () => {
  for (const size of [1, 2, 7, 30, log.length]) {
    let shown = '';
    const take = readableLog((text) => {
      shown += text;
    });
    for (let at = 0; at < log.length; at += size) take(log.slice(at, at + size));
    expect(shown).toBe(expected);
  }
});

test('a line that cannot be terraform’s is not held back', () => {
  const shown: string[] = [];
  const take = readableLog((text) => shown.push(text));
  for (const part of ['Waiting', ' for ', '{"@level":"']) take(part);
  expect(shown).toEqual(['Waiting', ' for ', '{"@level":"']);
});
