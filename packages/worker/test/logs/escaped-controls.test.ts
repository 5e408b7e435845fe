import { expect, test } from 'vitest';
import { EscapedControls } from '../../src/logs/escaped-controls.ts';

const through = (...chunks: string[]) => {
  const filter = new EscapedControls();
  return Buffer.concat([...chunks.map((chunk) => filter.push(Buffer.from(chunk))), filter.end()]).toString();
};

test.each([
  ['colours stay', String.raw`{"m":"\u001b[1;31mred\u001b[0m"}`, String.raw`{"m":"\u001b[1;31mred\u001b[0m"}`],
  ['other sequences go whole', String.raw`a\u001b[2Jb\u001B[?25lc`, 'abc'],
  ['other controls go alone', String.raw`a\u0007b\u0003[31mc\u007f`, 'ab[31mc'],
  ['a lone escape goes', String.raw`a\u001b]0;t\u0007b`, 'a]0;tb'],
  ['an escaped backslash is text', String.raw`a\\u001b[2Jb`, String.raw`a\\u001b[2Jb`],
  ['behind an escaped backslash an escape is one', String.raw`a\\\u001b[2Jb`, String.raw`a\\b`],
  ['letters that Go escapes stay', String.raw`\u003cb\u003e ü`, String.raw`\u003cb\u003e ü`],
])('%s', (_, text, expected) => {
  expect(through(`${text}\n`)).toBe(`${expected}\n`);
  expect(JSON.stringify(through(`${text}\n`))).toBe(JSON.stringify(`${expected}\n`));
});

test('however the output is cut, the outcome is the same', () => {
  const lines = [String.raw`{"m":"a\u001b[2Jb\\\u001b[31mc ü"}`, 'plain', String.raw`\u001b[Hrest`];
  const text = lines.join('\n');
  const whole = through(text);
  expect(whole).not.toContain('[2J');
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const filter = new EscapedControls();
    const parts = [filter.push(bytes.subarray(0, cut)), filter.push(bytes.subarray(cut)), filter.end()];
    expect(Buffer.concat(parts).toString()).toBe(whole);
  }
});
