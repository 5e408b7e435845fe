import { describe, expect, test } from 'vitest';
import { LogBuffer } from '../../../src/features/log/log-buffer.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function filled(...chunks: readonly (string | Uint8Array)[]): LogBuffer {
  const buffer = new LogBuffer();
  for (const chunk of chunks) buffer.append(typeof chunk === 'string' ? bytesOf(chunk) : chunk);
  return buffer;
}

function texts(buffer: LogBuffer): string[] {
  return Array.from({ length: buffer.lineCount }, (_, index) => buffer.text(index + 1));
}

describe('a log', () => {
  const log = bytesOf('première\r\n\x1b[31m╷ red\nstill red\x1b[0m\n\nlast 日本');

  test('has the same lines however it arrived', () => {
    const whole = filled(log);
    for (const size of [1, 2, 3, 7]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < log.length; at += size) chunks.push(log.subarray(at, at + size));
      const cut = filled(...chunks);
      expect(texts(cut)).toEqual(texts(whole));
      expect(cut.byteLength).toBe(log.length);
      expect(cut.coloured(3)).toBe(whole.coloured(3));
    }
    expect(texts(whole)).toEqual(['première', '╷ red', 'still red', '', 'last 日本']);
  });

  test('carries open colours from line to line, until they are reset', () => {
    const buffer = filled(log);
    expect(buffer.coloured(3)).toBe('\x1b[31mstill red\x1b[0m');
    expect(buffer.coloured(5)).toBe('last 日本');
  });

  test('shows its unfinished line, and counts it once it has a character', () => {
    const buffer = filled('one\n');
    expect(buffer.lineCount).toBe(1);
    buffer.append(bytesOf('tw'));
    expect([buffer.lineCount, buffer.text(2)]).toEqual([2, 'tw']);
    buffer.append(bytesOf('o\n'));
    expect(texts(buffer)).toEqual(['one', 'two']);
  });

  test('tells which line holds a byte', () => {
    const buffer = filled('ab\ncdé\n\nx');
    expect([0, 2, 3, 7, 8, 9, 50].map((offset) => buffer.lineAtByte(offset))).toEqual([1, 1, 2, 2, 3, 4, 4]);
  });

  test('cuts a line of megabytes at places that depend on its bytes alone', () => {
    const long = `${'é'.repeat(30_000)}\nnext\n`;
    const whole = filled(long);
    const halves = filled(bytesOf(long).subarray(0, 20_001), bytesOf(long).subarray(20_001));
    expect(texts(halves)).toEqual(texts(whole));
    expect(texts(whole).join('')).toBe(`${'é'.repeat(30_000)}next`);
    expect(whole.lineCount).toBe(5);
    expect(whole.text(whole.lineCount)).toBe('next');
  });

  test('tells its listeners that it grew, and has a new version', () => {
    const buffer = filled('one\n');
    const versions: number[] = [];
    const unsubscribe = buffer.subscribe(() => versions.push(buffer.version));
    buffer.append(bytesOf('two\n'));
    unsubscribe();
    buffer.append(bytesOf('three\n'));
    expect(versions).toEqual([2]);
    expect(buffer.version).toBe(3);
  });
});
