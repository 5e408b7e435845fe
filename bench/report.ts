import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { drawPlot } from './draw-plot.ts';
import { isReached, type Measurement, type Plot, type Row, type Table, withSpread } from './measurement.ts';

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const plotFolder = fileURLToPath(new URL('../docs/performance/', import.meta.url));
const begin = '<!-- table: written by npm run bench -->';
const end = '<!-- end of the table -->';

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;

export function verdictOf(row: Row): string {
  return isReached(row) ? 'reached' : 'MISSED';
}

export const goalOf = ({ goal, isAtLeast = false }: Row): string => `${isAtLeast ? '≥' : '≤'} ${goal}`;

const ratioWithSpread = ({ ratios }: Row): string => withSpread(ratios, (ratio) => ratio.toFixed(2));

/** As it is printed while the benchmarks go on. */
export function describe({ rows, tables = [] }: Measurement): string {
  const told = rows.map(
    (row) =>
      `${row.name}\n  ${row.figures}\n  beside ${row.against}\n  ratio ${ratioWithSpread(row)}, goal ${goalOf(row)}: ${verdictOf(row)}\n`,
  );
  return [...told, ...tables.map(markdownOf)].join('\n');
}

/** Puts what was measured into docs/performance.md and its plots, in place of what stood there. */
export async function writeReport(measurements: readonly Measurement[], minutes: number): Promise<void> {
  const rows = measurements.flatMap((measured) => measured.rows);
  const plots = measurements.flatMap(({ plots = [] }) => plots);
  const reached = rows.filter(isReached).length;
  const parts = [
    `Measured on ${machine()}, in ${minutes.toFixed(0)} minutes; ${reached} of ${rows.length} rows reached their goals.`,
    'A ratio is the median of its rounds, with their range. Times are for illustration.',
    '',
    markdownOf({
      title: '',
      columns: ['what', 'measured', 'beside, in the same run', 'ratio', 'goal', ''],
      rows: rows.map((row) => [
        row.name,
        row.figures,
        row.against,
        ratioWithSpread(row),
        goalOf(row),
        isReached(row) ? 'reached' : '[MISSED](#what-is-missed-and-why)',
      ]),
    }),
    ...measurements.flatMap(({ tables = [] }) => tables).map(markdownOf),
    ...plots.map(({ name, title }) => `![${title}](performance/${name}.svg)\n`),
  ];
  const text = await readFile(page, 'utf8');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error('docs/performance.md has lost the marks of its table.');
  await writeFile(page, `${text.slice(0, before + begin.length)}\n${parts.join('\n')}\n${text.slice(after)}`);
  await drawAll(plots);
}

async function drawAll(plots: readonly Plot[]): Promise<void> {
  await mkdir(plotFolder, { recursive: true });
  for (const plot of plots) await writeFile(`${plotFolder}${plot.name}.svg`, drawPlot(plot));
}

function markdownOf({ title, columns, rows }: Table): string {
  const lines = [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...(title === '' ? [] : [`### ${title}`, '']), ...lines, ''].join('\n');
}
