import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64 } from '../src/to-base64.ts';

// The examples of RFC 4648 §10, and the characters in which the two alphabets differ.
test.each([
  ['', '', ''],
  ['f', 'Zg==', 'Zg'],
  ['fo', 'Zm8=', 'Zm8'],
  ['foo', 'Zm9v', 'Zm9v'],
  ['foob', 'Zm9vYg==', 'Zm9vYg'],
  ['\xfb\xff', '+/8=', '-_8'],
])('of %j are what the RFC says', (text, base64, base64url) => {
  const bytes = Uint8Array.from(Buffer.from(text, 'latin1'));
  expect(toBase64.call(bytes)).toBe(base64);
  expect(toBase64.call(bytes, { omitPadding: true })).toBe(base64.replace(/=+$/, ''));
  expect(toBase64.call(bytes, { alphabet: 'base64url', omitPadding: true })).toBe(base64url);
  expect(toBase64.call(bytes, { alphabet: 'base64url' })).toBe(base64url.padEnd(base64.length, '='));
});

test('any part of a buffer is read back, and all arrays of bytes have it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(5), (whole, start) => {
      const bytes = whole.subarray(start);
      expect(Uint8Array.from(Buffer.from(toBase64.call(bytes), 'base64'))).toEqual(Uint8Array.from(bytes));
    }),
  );
  expect(Reflect.get(Uint8Array.prototype, 'toBase64')).toBeTypeOf('function');
});
