import { describe, expect, test } from 'vitest';
import { markOf, partsOfLine } from '../../../src/features/log/line-parts.ts';

describe('a line', () => {
  test('is cut where its colours change', () => {
    expect(partsOfLine('\x1b[31mred\x1b[0m plain \x1b[1;92mbright')).toEqual([
      { text: 'red', colour: 'red', decorations: [] },
      { text: ' plain ', decorations: [] },
      { text: 'bright', colour: 'bright-green', decorations: ['bold'] },
    ]);
  });

  test('knows the 256 colours and the true ones', () => {
    expect(partsOfLine('\x1b[38;5;208mx')).toEqual([{ text: 'x', rgb: '255, 135, 0', decorations: [] }]);
    expect(partsOfLine('\x1b[38;5;9mx')).toEqual([{ text: 'x', colour: 'bright-red', decorations: [] }]);
    expect(partsOfLine('\x1b[38;2;1;2;3mx')).toEqual([{ text: 'x', rgb: '1, 2, 3', decorations: [] }]);
  });

  test('cannot hide or blink', () => {
    expect(partsOfLine('\x1b[8;5mhidden')).toEqual([{ text: 'hidden', decorations: [] }]);
  });

  test('has links for http and https alone, and whole', () => {
    const links = partsOfLine('see https://a.example/b?c=d, javascript:alert(1), ftp://x (http://e.example/).').filter(
      ({ href }) => href !== undefined,
    );
    expect(links.map(({ href, text }) => [href, text])).toEqual([
      ['https://a.example/b?c=d', 'https://a.example/b?c=d'],
      ['http://e.example/', 'http://e.example/'],
    ]);
  });

  test('shows what would reorder it', () => {
    const parts = partsOfLine('a\u202eb');
    expect(parts.map(({ text, mark }) => (mark ? markOf(text) : text)).join('')).toBe('a[RLO]b');
  });

  test('marks hits across colours', () => {
    const parts = partsOfLine('ab\x1b[31mcd\x1b[0mef', [{ line: 1, start: 1, end: 5 }]);
    expect(parts.map(({ text, hit, colour }) => [text, hit, colour])).toEqual([
      ['a', undefined, undefined],
      ['b', 0, undefined],
      ['cd', 0, 'red'],
      ['e', 0, undefined],
      ['f', undefined, undefined],
    ]);
  });
});
