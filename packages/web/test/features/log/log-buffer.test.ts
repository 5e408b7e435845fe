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

describe('a structured log', () => {
  const json = (message: string, more: object = {}) =>
    JSON.stringify({ '@level': 'info', '@message': message, '@module': 'terraform.ui', ...more });
  const diagnostic = { severity: 'error', summary: 'Bad', detail: 'Really bad.' };
  const parts = [
    'Gatehouse: hello',
    json('Terraform 1.11.4', { type: 'version' }),
    json('Error: Bad', { '@level': 'error', type: 'diagnostic', diagnostic }),
    '{"own": 1}',
    json('done'),
  ];
  const log = bytesOf(`${parts.join('\n')}\n`);
  const shown = [
    'Gatehouse: hello',
    'Terraform 1.11.4',
    '╷',
    '│ Error: Bad',
    '│ ',
    '│ Really bad.',
    '╵',
    '{"own": 1}',
    'done',
  ];
  const structured = (...chunks: Uint8Array[]) => {
    const buffer = new LogBuffer({ isStructured: true });
    for (const chunk of chunks) buffer.append(chunk);
    return buffer;
  };

  test('shows what terraform says, not how, with the same lines however it arrived', () => {
    for (const size of [1, 5, 64, log.length]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < log.length; at += size) chunks.push(log.subarray(at, at + size));
      const buffer = structured(...chunks);
      expect(texts(buffer)).toEqual(shown);
      expect(buffer.byteLength).toBe(log.length);
    }
    expect(structured(log).coloured(4)).toContain('\x1b[31mError:');
  });

  test('finds the line of a byte, also behind one that became several', () => {
    const buffer = structured(log);
    const offsets = parts.map(
      (_, index) =>
        bytesOf(
          parts
            .slice(0, index)
            .map((part) => `${part}\n`)
            .join(''),
        ).length,
    );
    expect(offsets.map((offset) => buffer.lineAtByte(offset))).toEqual([1, 2, 3, 8, 9]);
    expect(buffer.lineAtByte((offsets[3] ?? 0) - 1)).toBe(7);
  });

  test('shows nothing of a JSON line that is not whole, and the beginning of any other', () => {
    const buffer = structured(bytesOf('one\n{"@level":"info","@mess'));
    expect(texts(buffer)).toEqual(['one']);
    buffer.append(bytesOf('age":"two"}\nthr'));
    expect(texts(buffer)).toEqual(['one', 'two', 'thr']);
  });

  test('is cut where what it says is too long for a row', () => {
    const buffer = structured(bytesOf(`${json('x'.repeat(40_000))}\nnext\n`));
    expect(texts(buffer).map(({ length }) => length)).toEqual([16_384, 16_384, 7_232, 4]);
  });

  test('is text as it stands where the run has no structured output', () => {
    expect(filled(`${json('hello')}\n`).text(1)).toContain('"@message":"hello"');
  });
});
