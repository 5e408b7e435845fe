import Anser from 'anser';
import type { Hit } from './find-in-log.ts';

/** A piece of a line that looks the same throughout. */
export type LinePart = {
  text: string;
  /** Of terminals: `red`, `bright-black`; undefined: the log's ink. */
  colour?: string;
  /** `r, g, b`, where the log asks for a colour beyond the sixteen. */
  rgb?: string;
  background?: string;
  backgroundRgb?: string;
  decorations: readonly string[];
  /** Whether this is a hit of the search: its index from the start of the line's hits. */
  hit?: number;
  href?: string;
  /** A character that would reorder or hide its neighbours, shown by its name. */
  mark?: boolean;
};

/** Cut at colours, then at links, invisible characters and hits. `hits` are offsets into the line's text. */
export function partsOfLine(coloured: string, hits: readonly Hit[] = []): LinePart[] {
  const parts = colouredParts(coloured).flatMap(cutLinks).flatMap(cutMarks);
  return hits.length === 0 ? parts : cutHits(parts, hits);
}

function colouredParts(coloured: string): LinePart[] {
  if (!coloured.includes('\x1b')) return coloured === '' ? [] : [{ text: coloured, decorations: [] }];
  // A fresh parser per line: what the lines before left open stands at the start of `coloured`.
  const chunks = new Anser().process(coloured, { json: true, use_classes: true, remove_empty: true }, true);
  // Typed as a string for its other form; with `json` it is the list of chunks (anser index.js, process).
  const entries = chunks as unknown as readonly Anser.AnserJsonEntry[];
  return entries.map((entry) => ({
    text: entry.content,
    decorations: entry.decorations.filter((decoration) => decoration !== 'blink' && decoration !== 'hidden'),
    ...named(entry.fg, entry.fg_truecolor, 'colour', 'rgb'),
    ...named(entry.bg, entry.bg_truecolor, 'background', 'backgroundRgb'),
  }));
}

function named<Name extends string, Rgb extends string>(
  className: string | null,
  trueColour: string | null,
  name: Name,
  rgb: Rgb,
): { [key in Name | Rgb]?: string } {
  if (className === null) return {};
  const palette = /^ansi-palette-(\d+)$/.exec(className)?.[1];
  const colour = palette === undefined ? trueColour : paletteColour(Number(palette));
  const isBeyondSixteen = palette !== undefined || className === 'ansi-truecolor';
  // One computed key of two: the compiler cannot tell which.
  return (isBeyondSixteen ? { [rgb]: colour ?? '' } : { [name]: className.replace(/^ansi-/, '') }) as {
    [key in Name | Rgb]?: string;
  };
}

/** xterm's 256 colours from 16 on: a cube of six steps, then 24 greys. */
function paletteColour(index: number): string {
  if (index >= 232) return new Array(3).fill(8 + (index - 232) * 10).join(', ');
  const step = (level: number) => (level === 0 ? 0 : 55 + level * 40);
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(step).join(', ');
}

// To the next blank, quote or bracket; a full stop or comma at the end belongs to the sentence.
const link =
  /https?:\/\/[^\s"'<>`()[\]{}\u202a-\u202e\u2066-\u2069]+[^\s"'<>`()[\]{}\u202a-\u202e\u2066-\u2069.,;:!?]/g;

function cutLinks(part: LinePart): LinePart[] {
  return part.text.includes('://') ? cutAt(part, link, (text) => ({ href: text })) : [part];
}

const invisible: Record<string, string> = {
  '\u061c': 'ALM',
  '\u200b': 'ZWSP',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
};
const invisibleCharacter = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** How a character that cannot be seen is shown, such as `[RLO]`. */
export function markOf(character: string): string {
  return `[${invisible[character] ?? '?'}]`;
}

function cutMarks(part: LinePart): LinePart[] {
  return invisibleTest.test(part.text) ? cutAt(part, invisibleCharacter, () => ({ mark: true })) : [part];
}
const invisibleTest = new RegExp(invisibleCharacter.source);

function cutAt(part: LinePart, pattern: RegExp, extra: (text: string) => Partial<LinePart>): LinePart[] {
  const cut: LinePart[] = [];
  let from = 0;
  for (const match of part.text.matchAll(pattern)) {
    if (match.index > from) cut.push({ ...part, text: part.text.slice(from, match.index) });
    cut.push({ ...part, text: match[0], ...extra(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < part.text.length) cut.push({ ...part, text: part.text.slice(from) });
  return cut;
}

function cutHits(parts: readonly LinePart[], hits: readonly Hit[]): LinePart[] {
  const cut: LinePart[] = [];
  let offset = 0;
  for (const part of parts) {
    const end = offset + part.text.length;
    let from = offset;
    for (const [index, hit] of hits.entries()) {
      const start = Math.max(hit.start, from);
      const stop = Math.min(hit.end, end);
      if (start >= stop) continue;
      if (start > from) cut.push({ ...part, text: part.text.slice(from - offset, start - offset) });
      cut.push({ ...part, text: part.text.slice(start - offset, stop - offset), hit: index });
      from = stop;
    }
    if (from < end) cut.push({ ...part, text: part.text.slice(from - offset) });
    offset = end;
  }
  return cut;
}
