import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLine, coloursAfter, withoutColours } from '../../../src/features/log/terminal-text.ts';

describe('of a line stay text, tabs and colours', () => {
  test.each([
    ['plain', 'plain\twith a tab'],
    ['colour', '\x1b[1;31mred\x1b[0m'],
  ])('%s', (_, line) => {
    expect(cleanLine(line)).toBe(line);
  });

  test.each([
    ['cursor movement', 'a\x1b[2Kb\x1b[10;20Hc\x1b[?25l', 'abc'],
    ['a title', '\x1b]0;Authenticated with MFA by root\x07x', 'x'],
    ['a hyperlink', '\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['a device control string', '\x1bPq#0;2;0;0;0\x1b\\x', 'x'],
    ['a title without its end', 'x\x1b]0;for ever', 'x'],
    ['a bell, a backspace, framing, C1', 'a\x07b\x08c\x02d\x03e\x9bf', 'abcdef'],
    ['a rewritten line', '10 %\r60 %\r100 %', '100 %'],
    ['a line feed of Windows', 'text\r', 'text'],
    ['a rewritten line’s colour', '\x1b[32m10 %\r100 %', '\x1b[32m100 %'],
  ])('%s goes', (_, line, left) => {
    expect(cleanLine(line)).toBe(left);
  });

  test('nothing else, whatever comes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\x1b', '\x1b[', '\x1b]', '\x07', '\r', '31m', 'm', '\x9b'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const left = withoutColours(cleanLine(pieces.join('').replaceAll('\n', '')));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be gone.
        expect(left).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
      }),
    );
  });
});

describe('colours', () => {
  test('hold until they are reset', () => {
    expect(coloursAfter('', '\x1b[1mbold \x1b[31mand red')).toBe('\x1b[1m\x1b[31m');
    expect(coloursAfter('\x1b[1m', 'x\x1b[0m')).toBe('');
    expect(coloursAfter('\x1b[1m', 'x\x1b[m')).toBe('');
    expect(coloursAfter('\x1b[1m', '\x1b[0;32mx')).toBe('\x1b[0;32m');
    expect(coloursAfter('\x1b[1m', 'x')).toBe('\x1b[1m');
  });

  test('that are never reset do not pile up', () => {
    let open = '';
    for (let line = 0; line < 1_000; line++) open = coloursAfter(open, '\x1b[31m\x1b[32mx');
    expect(open.length).toBeLessThan(100);
  });
});
