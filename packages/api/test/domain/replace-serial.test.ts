import { expect, test } from 'vitest';
import { replaceSerial } from '../../src/domain/replace-serial.ts';

const replaced = (text: string) => replaceSerial(Buffer.from(text), 42).toString();

test.each([
  [
    'as terraform writes it',
    '{\n  "version": 4,\n  "serial": 7,\n  "outputs": {}\n}\n',
    '{\n  "version": 4,\n  "serial": 42,\n  "outputs": {}\n}\n',
  ],
  ['on one line, at the end', '{"version":4,"serial":7}', '{"version":4,"serial":42}'],
  [
    'with numbers that JavaScript rounds',
    '{"a":12345678901234567890123,"serial" : 10}',
    '{"a":12345678901234567890123,"serial" : 42}',
  ],
  [
    'beside others of the name further down',
    '{"outputs":{"serial":1},"a":["serial"],"serial":7}',
    '{"outputs":{"serial":1},"a":["serial"],"serial":42}',
  ],
  [
    'beside a text that looks like it',
    '{"a":"\\"serial\\": 1, \\\\","b":"serial","serial":7}',
    '{"a":"\\"serial\\": 1, \\\\","b":"serial","serial":42}',
  ],
  ['twice, where the last one counts', '{"serial":1,"serial":7}', '{"serial":1,"serial":42}'],
  ['among letters of several bytes', '{"ü":"€","serial":7}', '{"ü":"€","serial":42}'],
])('a serial %s is replaced, and nothing else', (_where, text, expected) => {
  expect(replaced(text)).toBe(expected);
});
