import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isReached, type Measurement } from './measurement.ts';

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const begin = '<!-- table: written by npm run bench -->';
const end = '<!-- end of the table -->';

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;

export function verdictOf(measured: Measurement): string {
  return isReached(measured) ? 'reached' : 'MISSED';
}

export const goalOf = ({ goal, isAtLeast = false }: Measurement): string => `${isAtLeast ? '≥' : '≤'} ${goal}`;

/** Puts what was measured into docs/performance.md, in place of what stood there. */
export async function writeReport(rows: readonly Measurement[]): Promise<void> {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${row.figures} | ${row.against} | ${row.ratio.toFixed(2)} | ${goalOf(row)} | ${verdictOf(row)} |`,
  );
  const table = [
    `Measured on ${machine()}. Times are for illustration, ratios count.`,
    '',
    '| what | measured | beside, in the same run | ratio | goal | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
  const text = await readFile(page, 'utf8');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error('docs/performance.md has lost the marks of its table.');
  await writeFile(page, `${text.slice(0, before + begin.length)}\n${table}\n${text.slice(after)}`);
}
