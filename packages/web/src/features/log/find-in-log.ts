import type { LogBuffer } from './log-buffer.ts';

export type Hit = { line: number; start: number; end: number };

/** Every occurrence in the whole log, in order. Literal, case does not count. An empty search finds nothing. */
export function findInLog(buffer: LogBuffer, search: string, fromLine: number = 1): Hit[] {
  const needle = search.toLowerCase();
  if (needle === '') return [];
  const hits: Hit[] = [];
  const { lineCount } = buffer;
  for (let line = fromLine; line <= lineCount; line++) {
    const text = buffer.text(line).toLowerCase();
    for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) {
      hits.push({ line, start: at, end: at + needle.length });
    }
  }
  return hits;
}

/** The first hit at or after `line`, by index; the first of all where none follows. */
export function nearestHit(hits: readonly Hit[], line: number): number {
  const index = hits.findIndex((hit) => hit.line >= line);
  return index === -1 ? 0 : index;
}

/** The hits of the lines `first` to `last`, found by bisection: a log may have a hundred thousand. */
export function hitsBetween(hits: readonly Hit[], first: number, last: number): readonly Hit[] {
  return hits.slice(lowerBound(hits, first), lowerBound(hits, last + 1));
}

function lowerBound(hits: readonly Hit[], line: number): number {
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hits[middle]?.line ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}
