import { isTerminal, nextStatus, type RunStatus, runEvents, runStatuses } from '@gatehouse/shared/run-status';

/** The table of `shared/run-status.ts` as a Mermaid state diagram: an arrow for each pair of statuses, named by its events. */
export function lifecycleDiagram(): string {
  const lines = ['```mermaid', 'stateDiagram-v2', '  [*] --> pending'];
  for (const from of runStatuses) {
    for (const [to, events] of arrowsFrom(from)) lines.push(`  ${from} --> ${to}: ${events.join(', ')}`);
  }
  for (const status of runStatuses.filter(isTerminal)) lines.push(`  ${status} --> [*]`);
  return [...lines, '```'].join('\n');
}

function arrowsFrom(from: RunStatus): Map<RunStatus, string[]> {
  const arrows = new Map<RunStatus, string[]>();
  for (const event of runEvents) {
    const to = nextStatus(from, event);
    if (to !== undefined) arrows.set(to, [...(arrows.get(to) ?? []), event]);
  }
  return arrows;
}

const begin = '<!-- begin: drawn by infra/dev/src/draw-run-lifecycle.ts -->';
const end = '<!-- end -->';

/** `document` with the drawing between its two marks made new; throws when it has no marks. */
export function withDiagram(document: string): string {
  const start = document.indexOf(begin);
  const stop = document.indexOf(end, start);
  if (start === -1 || stop === -1) throw new Error(`The document has no place for the drawing: "${begin}" … "${end}".`);
  return `${document.slice(0, start + begin.length)}\n${lifecycleDiagram()}\n${document.slice(stop)}`;
}
