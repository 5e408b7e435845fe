import { type Phase, phases } from '@gatehouse/shared/run-status';

/** A line, or several, of one phase's log, as a link names them: `#plan-L120`, `#plan-L120-L134`. */
export type LineRange = { phase: Phase; first: number; last: number };

export function parseLineRange(hash: string): LineRange | undefined {
  const match = /^#?([a-z]+)-L(\d{1,9})(?:-L(\d{1,9}))?$/.exec(hash);
  const phase = phases.find((candidate) => candidate === match?.[1]);
  if (match === null || phase === undefined) return undefined;
  const ends = [Number(match[2]), Number(match[3] ?? match[2])];
  const first = Math.min(...ends);
  return first < 1 ? undefined : { phase, first, last: Math.max(...ends) };
}

export function formatLineRange({ phase, first, last }: LineRange): string {
  return first === last ? `#${phase}-L${first}` : `#${phase}-L${first}-L${last}`;
}

/** Shift-click: from the line that was chosen before to this one. */
export function extendRange(before: LineRange | undefined, phase: Phase, line: number): LineRange {
  const anchor = before?.phase === phase ? before.first : line;
  return { phase, first: Math.min(anchor, line), last: Math.max(anchor, line) };
}
