import { codeToTerraform } from './code-to-terraform.ts';
import { lists } from './lists.ts';
import { logLatency } from './log-latency.ts';
import type { Measurement } from './measurement.ts';
import { queueRuns } from './queue-runs.ts';
import { goalOf, machine, verdictOf, writeReport } from './report.ts';
import { startUp } from './start-up.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';
import { wholeRun } from './whole-run.ts';

// `npm run bench` measures all and writes docs/performance.md; `npm run bench -- NAME` one. Each on a whole Gatehouse,
// driven over HTTP as users do.
const shared = {
  'code-to-terraform': codeToTerraform,
  'whole-run': wholeRun,
  'log-latency': logLatency,
};
/** They fill or restart a Gatehouse of their own. */
const apart = {
  'queue-runs': queueRuns,
  'start-up': startUp,
  lists,
};

const [only] = process.argv.slice(2);
const names = [...Object.keys(shared), ...Object.keys(apart)];
if (only !== undefined && !names.includes(only)) {
  process.stderr.write(`There is no benchmark "${only}". There are: ${names.join(', ')}\n`);
  process.exit(1);
}
const isWanted = ([name]: [string, unknown]) => only === undefined || only === name;
process.stdout.write(`${machine()}\n\n`);
const rows: Measurement[] = [];

async function tell(measure: () => Promise<Measurement>): Promise<void> {
  const row = await measure();
  rows.push(row);
  process.stdout.write(
    `${row.name}\n  ${row.figures}\n  against ${row.against}\n  ratio ${row.ratio.toFixed(2)}, goal ${goalOf(row)}: ${verdictOf(row)}\n\n`,
  );
}

async function measureTogether(surroundings: Surroundings): Promise<void> {
  try {
    for (const [, measure] of Object.entries(shared).filter(isWanted)) await tell(() => measure(surroundings));
  } finally {
    await surroundings.close();
  }
}

if (Object.entries(shared).some(isWanted)) await measureTogether(await openSurroundings());
for (const [, measure] of Object.entries(apart).filter(isWanted)) await tell(measure);
if (only === undefined) await writeReport(rows);
process.exit(rows.some((row) => verdictOf(row) === 'MISSED') ? 1 : 0);
