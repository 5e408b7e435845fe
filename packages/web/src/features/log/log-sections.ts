import type { LogBuffer } from './log-buffer.ts';

/** One stretch of a log that folds: `gatehouse`, `init`, `plan`. From the section index beside the log. */
export type LogSection = {
  id: string;
  title: string;
  startByte: number;
  /** Undefined while it runs. */
  endByte?: number;
  state: 'running' | 'finished' | 'failed';
  durationMs?: number;
  /** Lines that Gatehouse wrote bear a mark in the gutter, which terraform's output cannot forge. */
  byGatehouse?: boolean;
  /** Whether it is open before the reader chose; default: unless it is a finished one before the last. */
  isOpen?: boolean;
};

export type SectionLines = { section: LogSection; first: number; last: number };

/** What stands under one another in the view. */
export type LogItem =
  | { kind: 'header'; key: string; lines: SectionLines; isOpen: boolean }
  | { kind: 'rows'; key: string; first: number; last: number; byGatehouse: boolean };

/** So many rows are laid out, or skipped, together: more of them where the browser does it, fewer where React draws them. */
export const groupSizes = { whole: 200, virtual: 50 } as const;

export function sectionLines(buffer: LogBuffer, sections: readonly LogSection[]): SectionLines[] {
  return sections.map((section, index) => {
    const next = sections[index + 1]?.startByte;
    const last = next === undefined ? buffer.lineCount : buffer.lineAtByte(next) - 1;
    return { section, first: buffer.lineAtByte(section.startByte), last };
  });
}

/** Bytes from `start` up to, and without, `end`. */
export type ByteRange = { start: number; end: number };

/**
 * `choices`: the reader's own folding, by section id. Without an index the log is one open stretch. `marked`: what
 * Gatehouse wrote itself, in order, where it stands among lines of terraform.
 */
export function logItems(
  buffer: LogBuffer,
  sections: readonly LogSection[],
  choices: ReadonlyMap<string, boolean>,
  groupSize: number,
  marked: readonly ByteRange[] = [],
): LogItem[] {
  const spans = marked.map(({ start, end }) => ({ first: buffer.lineAtByte(start), last: buffer.lineAtByte(end - 1) }));
  const rowItems = (id: string, first: number, last: number, byGatehouse: boolean) =>
    markedRows(id, { first, last }, byGatehouse ? [{ first, last }] : spans, groupSize);
  if (sections.length === 0) return rowItems('log', 1, buffer.lineCount, false);
  const all = sectionLines(buffer, sections);
  const before = rowItems('log', 1, (all[0]?.first ?? 1) - 1, false);
  return all.reduce<LogItem[]>((items, lines, index) => {
    const { section } = lines;
    const isOpen = choices.get(section.id) ?? section.isOpen ?? isOpenAtFirst(section, index, all.length);
    items.push({ kind: 'header', key: `header-${section.id}`, lines, isOpen });
    if (isOpen) items.push(...rowItems(section.id, lines.first, lines.last, section.byGatehouse ?? false));
    return items;
  }, before);
}

/** What runs or failed is open, and the last one. */
function isOpenAtFirst(section: LogSection, index: number, count: number): boolean {
  return section.state !== 'finished' || index === count - 1;
}

type Lines = { first: number; last: number };

/** Rows are cut where a mark begins or ends, since a group is marked whole. */
function markedRows(id: string, { first, last }: Lines, spans: readonly Lines[], groupSize: number): LogItem[] {
  const items: LogItem[] = [];
  let from = first;
  for (const span of spans) {
    if (span.last < from || span.first > last) continue;
    const end = Math.min(span.last, last);
    items.push(...rowsOf(id, { first: from, last: span.first - 1 }, false, groupSize));
    items.push(...rowsOf(id, { first: Math.max(from, span.first), last: end }, true, groupSize));
    from = end + 1;
  }
  return [...items, ...rowsOf(id, { first: from, last }, false, groupSize)];
}

function rowsOf(id: string, { first, last }: Lines, byGatehouse: boolean, groupSize: number): LogItem[] {
  const items: LogItem[] = [];
  for (let from = first; from <= last; from += groupSize) {
    const to = Math.min(from + groupSize - 1, last);
    items.push({ kind: 'rows', key: `${id}-${from}`, first: from, last: to, byGatehouse });
  }
  return items;
}

/** The index of the item that shows `line`; undefined where its section is folded. */
export function itemOfLine(items: readonly LogItem[], line: number): number | undefined {
  const index = items.findIndex((item) => item.kind === 'rows' && item.first <= line && line <= item.last);
  return index === -1 ? undefined : index;
}

/** The section that holds `line`, to open it. */
export function sectionOfLine(lines: readonly SectionLines[], line: number): SectionLines | undefined {
  return lines.find((candidate) => candidate.first <= line && line <= candidate.last);
}
