import { describe, expect, test } from 'vitest';
import { terraformLogLines } from '../src/terraform-log-line.ts';

// As terraform 1.11.4 prints them.
const line = (message: string, more: object = {}) =>
  JSON.stringify({
    '@level': 'info',
    '@message': message,
    '@module': 'terraform.ui',
    '@timestamp': '2026-01-02T03:04:05.000000Z',
    ...more,
  });
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours.
const plain = (lines: string[] | undefined) => lines?.map((text) => text.replace(/\x1b\[[0-9;]*m/g, ''));

test('a message is its words, in the colour of its type or level', () => {
  expect(terraformLogLines(line('Terraform 1.11.4', { type: 'version' }))).toEqual(['Terraform 1.11.4']);
  expect(terraformLogLines(line('a: Creating...', { type: 'apply_start' }))).toEqual([
    '\u001b[1ma: Creating...\u001b[0m',
  ]);
  expect(terraformLogLines(line('Plan: 1 to add', { type: 'change_summary' }))).toEqual([
    '\u001b[1;32mPlan: 1 to add\u001b[0m',
  ]);
  expect(terraformLogLines(line('odd', { '@level': 'warn', type: 'of_tomorrow' }))).toEqual(['\u001b[33modd\u001b[0m']);
  expect(terraformLogLines(line('two\nlines'))).toEqual(['two', 'lines']);
});

test('outputs are told with their values, and sensitive ones without', () => {
  const outputs = {
    list: { sensitive: false, type: ['tuple', ['number']], value: [1, 'a'] },
    pw: { sensitive: true, type: 'string' },
    forged: { sensitive: true, value: 'hunter2' },
  };
  expect(terraformLogLines(line('Outputs: 3', { type: 'outputs', outputs }))).toEqual([
    'Outputs: 3',
    '  list = [1,"a"]',
    '  pw = (sensitive value)',
    '  forged = (sensitive value)',
  ]);
  const planned = { list: { sensitive: false, action: 'create' } };
  expect(terraformLogLines(line('Outputs: 1', { type: 'outputs', outputs: planned }))).toEqual([
    'Outputs: 1',
    '  list: create',
  ]);
});

test('a diagnostic is drawn in its box, with the code and the values that it is about', () => {
  const diagnostic = {
    severity: 'error',
    summary: 'Invalid index',
    detail: 'The given key\ndoes not identify an element.',
    range: { filename: 'main.tf', start: { line: 7, column: 3, byte: 1 }, end: { line: 7, column: 9, byte: 7 } },
    snippet: {
      context: 'resource "a" "b"',
      code: '  x = var.list[9]',
      start_line: 7,
      highlight_start_offset: 0,
      highlight_end_offset: 1,
      values: [{ traversal: 'var.list', statement: 'is empty' }],
    },
  };
  const lines = terraformLogLines(line('Error: Invalid index', { '@level': 'error', type: 'diagnostic', diagnostic }));
  expect(plain(lines)).toEqual([
    '╷',
    '│ Error: Invalid index',
    '│ ',
    '│   on main.tf line 7, in resource "a" "b":',
    '│    7:   x = var.list[9]',
    '│     ├────────────────',
    '│     │ var.list is empty',
    '│ ',
    '│ The given key',
    '│ does not identify an element.',
    '╵',
  ]);
  expect(lines?.[1]).toContain('\u001b[31mError:');
  const warning = { severity: 'warning', summary: 'Deprecated' };
  expect(terraformLogLines(line('Warning: Deprecated', { type: 'diagnostic', diagnostic: warning }))?.[1]).toContain(
    '\u001b[33mWarning:',
  );
});

describe('what is no line of terraform stays as it is', () => {
  test.each(['Gatehouse: hello', '', '{"@level":"info"', '{"@level":"info","x":1}', '{"@message":"x"}'])(
    '%s',
    (text) => {
      expect(terraformLogLines(text)).toBeUndefined();
    },
  );
});

test('no control but colours and tabs comes out of its escapes', () => {
  const lines = terraformLogLines(line('a\u001b[31mred\u001b[2J\u0007\tb\u001b]0;title\u0007\u009b'));
  expect(lines).toEqual(['a\u001b[31mred[2J\tb]0;title']);
});
