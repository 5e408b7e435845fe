// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are terraform's templates
import { expect, test } from 'vitest';
import { parseHclLiteral, textsOfHcl } from '../src/hcl-literal.ts';

test.each([
  ['"us-east-1"', ['us-east-1']],
  ['"a\\"b\\n\\u00e4$${x}"', ['a"b\nä${x}']],
  ['{\n  a = "x" # why\n  b = [1234567, true]\n}\n', ['x', '1234567']],
  ['<<-EOT\n    one\n      two\n    EOT', ['    one\n      two\n', 'one\n  two\n']],
  ['null', []],
])('%j is one value', (text, texts) => {
  expect(parseHclLiteral(text)).toEqual({ texts });
});

test.each([
  ['nothing', ' '],
  ['only a comment', '# 1'],
  ['a value and another variable', '1\nother = 2'],
  ['a comment that another value would close', '1 /*'],
  ['what closes it', '*/ 2'],
  ['brackets that are not its own', '1)'],
  ['brackets left open', '[1'],
  ['a text left open', '"a'],
  ['a heredoc left open', '<<EOT\na\n'],
  ['a heredoc that parsers end at different lines', '<<EOT\na\n\u00a0EOT\nEOT'],
  ['a template', '"${var.a}"'],
  ['a template behind its escape', '"$$${a}"'],
  ['a line end within a text', '"a\nb"'],
])('%s is none', (_what, text) => {
  expect(parseHclLiteral(text)).toBeUndefined();
});

test('of what is no literal the quoted texts are known all the same', () => {
  expect(textsOfHcl('1\nother = "secret"')).toEqual(['secret']);
});

test('a long value takes no longer than its length', () => {
  expect(parseHclLiteral('['.repeat(200_000))).toBeUndefined();
  expect(parseHclLiteral('"\\\\'.repeat(100_000))).toBeUndefined();
  expect(parseHclLiteral(`<<E\n${' E2\n'.repeat(100_000)}E`)).toBeDefined();
}, 5_000);
