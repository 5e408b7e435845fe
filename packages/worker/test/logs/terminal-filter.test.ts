import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TerminalFilter } from '../../src/logs/terminal-filter.ts';

function filtered(text: string | Uint8Array): string {
  return Buffer.from(new TerminalFilter().push(Buffer.from(text))).toString();
}

test('colours, tabs, line ends and all other characters pass', () => {
  const text = '\u001b[1;32m+ ok\u001b[0m\t\u001b[38;2;1;2;3mäöü € 😀 ©│║“”\u001b[m\r\n';
  expect(filtered(text)).toBe(text);
});

describe('what is taken out', () => {
  test.each([
    ['a window title', 'a\u001b]0;owned\u0007b', 'ab'],
    ['a link', 'a\u001b]8;;http://evil\u001b\\b', 'ab'],
    ['erasing a line', 'a\u001b[2Kb', 'ab'],
    ['moving the cursor up', 'a\u001b[3Ab', 'ab'],
    ['a private mode', 'a\u001b[?1049hb', 'ab'],
    ['something like a colour with other parameters', 'a\u001b[>4;2mb', 'ab'],
    ['a device control string', 'a\u001bPq#0\u001b\\b', 'ab'],
    ['a reset', 'a\u001bcb', 'ab'],
    ['a character set', 'a\u001b(0b', 'ab'],
    ['the eight-bit forms', 'a\u009b2Kb\u0090', 'a2Kb'],
    ['the same as single bytes', Buffer.from('a\x9b2Kb\x90c\xe4\x9bd', 'latin1'), 'a2Kbc\ufffdd'],
    ['turning the direction of text', 'a\u202eb\u2066c\u2069\u202c', 'abc'],
    ['STX and ETX, which frame a log', '\u0002a\u0003b', 'ab'],
    ['bells, backspaces, NUL and DEL', 'a\u0007\b\u0000\u007fb', 'ab'],
  ])('%s', (_what, text, left) => {
    expect(filtered(text)).toBe(left);
  });

  test('an open sequence does not swallow the following lines', () => {
    expect(filtered('a\u001b]0;open\nnext line\n')).toBe('a\nnext line\n');
    expect(filtered('a\u001b[12\nnext line\n')).toBe('a\nnext line\n');
  });
});

test('every way to cut a text gives the same output, without any control but the allowed', () => {
  const piece = fc.oneof(
    fc.constantFrom('\u001b', '[', ']', 'm', ';', '3', '\u0007', '\n', '\\', '\u009b', '\u0002', '\u202e', '\u2066'),
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const bytes = Buffer.concat(pieces.map((each) => Buffer.from(each)));
      const filter = new TerminalFilter();
      const single = Buffer.concat([...bytes].map((byte) => filter.push(Uint8Array.of(byte)))).toString('latin1');
      expect(single).toBe(Buffer.from(new TerminalFilter().push(bytes)).toString('latin1'));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
      expect(single.replace(/\x1b\[[\d;:]*m/g, '')).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/);
      expect(Buffer.from(single, 'latin1').toString()).not.toMatch(/[\x80-\x9f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});
