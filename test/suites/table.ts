import type { Row } from './row.ts';

export type TriedRow = Row & { hasHeld: boolean };

/** Between these lines of its page stands a suite's table. */
export const begin = '<!-- table: written by the suite -->';
export const end = '<!-- end of the table -->';

/** Markdown: a section for each area, in the order of their names, and in it a line for each row. */
export function tableOf(rows: readonly TriedRow[]): string {
  const areas = [...new Set(rows.map(({ area }) => area))].sort((one, other) => one.localeCompare(other, 'en'));
  return areas
    .flatMap((area) => {
      const lines = rows
        .filter((row) => row.area === area)
        .map((row) => line([row.harm, row.when ?? '', row.holds, row.hasHeld ? 'held' : '**NOT HELD**']))
        .sort();
      return [
        `### ${area}`,
        '',
        line(['harm', 'when', 'what must hold', '']),
        '| --- | --- | --- | --- |',
        ...lines,
        '',
      ];
    })
    .join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
