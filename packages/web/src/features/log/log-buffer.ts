import { jsonLinePrefix, terraformLogLines } from '@gatehouse/shared/terraform-log-line';
import { cleanLine, coloursAfter, withoutColours } from './terminal-text.ts';

/**
 * A longer line is shown as several: a row of megabytes would freeze the page. The cut depends on the bytes alone, so
 * that a line keeps its number however the log arrived.
 */
const maxLineBytes = 16 * 1024;
/** A line of JSON is read whole: it shows as few characters of what it is. */
const maxJsonLineBytes = 4 * 1024 * 1024;

const lineFeed = 0x0a;
// Bytes that are no UTF-8 show as U+FFFD; a byte order mark inside a log is not ours to drop.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

type Cut = { start: number; end: number };

/** A log of one phase as lines, growing at its end. Line numbers begin at 1 and never change. */
export class LogBuffer {
  readonly #isStructured: boolean;
  /** Of each line: its text with SGR sequences, the sequences open at its start, and its first byte's offset. */
  readonly #lines: string[] = [];
  readonly #openColours: string[] = [];
  readonly #startBytes: number[] = [];
  readonly #listeners = new Set<() => void>();
  #pending = new Uint8Array(0);
  #pendingLine: string | undefined;
  #colours = '';
  #byteLength = 0;
  #maxColumns = 0;
  #version = 0;

  /** `isStructured`: terraform's JSON lines are shown as the text that they tell. Default false. */
  constructor({ isStructured = false }: { isStructured?: boolean } = {}) {
    this.#isStructured = isStructured;
  }

  /** `bytes` follow directly on what was appended before. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const data = joined(this.#pending, bytes);
    const base = this.#byteLength - this.#pending.length;
    this.#byteLength += bytes.length;
    const { cuts, rest } = cutLines(data, this.#isStructured ? maxJsonLineBytes : maxLineBytes);
    for (const [index, text] of decodedLines(data, cuts).entries()) {
      // Lines that one line of JSON becomes begin at bytes of it: there are always more of those.
      for (const [offset, shown] of this.#shownLines(text).entries()) {
        this.#startBytes.push(base + (cuts[index]?.start ?? 0) + offset);
        this.#push(shown);
      }
    }
    this.#pending = data.slice(rest);
    this.#pendingLine = undefined;
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }

  /** The last line counts as soon as it has a visible character. */
  get lineCount(): number {
    return this.#lines.length + (this.#unfinished() === '' ? 0 : 1);
  }

  /** Bytes so far: the offset to resume from. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Of the longest line, in characters: the width of the whole log where lines are not wrapped. */
  get maxColumns(): number {
    return Math.max(this.#maxColumns, this.#unfinished().length);
  }

  /** Changes with every append; for useSyncExternalStore. */
  get version(): number {
    return this.#version;
  }

  /** Text with SGR sequences, the ones open at its start included; empty beyond the end. */
  coloured(line: number): string {
    if (line === this.#lines.length + 1) return this.#colours + this.#unfinished();
    return (this.#openColours[line - 1] ?? '') + (this.#lines[line - 1] ?? '');
  }

  text(line: number): string {
    return withoutColours(line === this.#lines.length + 1 ? this.#unfinished() : (this.#lines[line - 1] ?? ''));
  }

  /** The line that holds the byte at `offset`; the one after the last where the log ends before it. */
  lineAtByte(offset: number): number {
    let low = 0;
    let high = this.#startBytes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#startBytes[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const afterLast = offset >= this.#byteLength - this.#pending.length;
    return afterLast ? this.#lines.length + 1 : Math.max(1, low);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #shownLines(text: string): readonly string[] {
    if (!this.#isStructured) return [text];
    const lines = terraformLogLines(text) ?? [text];
    return lines.every(({ length }) => length <= maxLineBytes) ? lines : lines.flatMap(inPieces);
  }

  #push(text: string): void {
    const cleaned = cleanLine(text);
    this.#lines.push(cleaned);
    this.#openColours.push(this.#colours);
    this.#colours = coloursAfter(this.#colours, cleaned);
    if (cleaned.length > this.#maxColumns) this.#maxColumns = withoutColours(cleaned).length;
  }

  #unfinished(): string {
    this.#pendingLine ??= this.#textOfPending();
    return this.#pendingLine;
  }

  /** A line of JSON tells nothing until it is whole. */
  #textOfPending(): string {
    const text = decoder.decode(this.#pending);
    const isJson = text.startsWith(jsonLinePrefix) || jsonLinePrefix.startsWith(text);
    return this.#isStructured && isJson ? '' : cleanLine(text);
  }
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  if (before.length === 0) return after;
  const all = new Uint8Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}

/** Finished lines as ranges without their line feed, and where the unfinished rest begins. */
function cutLines(data: Uint8Array, maxBytes: number): { cuts: Cut[]; rest: number } {
  const cuts: Cut[] = [];
  let start = 0;
  for (;;) {
    const feed = data.indexOf(lineFeed, start);
    const end = feed === -1 ? data.length : feed;
    while (end - start > maxBytes) {
      const cut = characterBoundary(data, start + maxBytes, start);
      cuts.push({ start, end: cut });
      start = cut;
    }
    if (feed === -1) return { cuts, rest: start };
    cuts.push({ start, end });
    start = feed + 1;
  }
}

/** The last UTF-8 boundary at or before `end`; bytes without one are cut anywhere. */
function characterBoundary(data: Uint8Array, end: number, start: number): number {
  for (let candidate = end; candidate > Math.max(start, end - 4); candidate--) {
    if (((data[candidate] ?? 0) & 0xc0) !== 0x80) return candidate;
  }
  return end;
}

function inPieces(line: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < line.length; from += maxLineBytes) pieces.push(line.slice(from, from + maxLineBytes));
  return pieces.length === 0 ? [''] : pieces;
}

/** Decodes at once where no line was cut: one call for thousands of lines. */
function decodedLines(data: Uint8Array, cuts: readonly Cut[]): string[] {
  const last = cuts.at(-1);
  if (last === undefined) return [];
  const isPlain = cuts.every((cut, index) => cut.start === (index === 0 ? 0 : (cuts[index - 1]?.end ?? 0) + 1));
  if (isPlain) return decoder.decode(data.subarray(0, last.end)).split('\n');
  return cuts.map((cut) => decoder.decode(data.subarray(cut.start, cut.end)));
}
