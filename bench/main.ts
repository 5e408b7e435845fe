import { busyExchange } from './busy-exchange.ts';
import { codeToTerraform } from './code-to-terraform.ts';
import { growth } from './growth.ts';
import { lists } from './lists.ts';
import { logLatency } from './log-latency.ts';
import { logThroughput } from './log-throughput.ts';
import { isReached, type Measurement } from './measurement.ts';
import { memory } from './memory.ts';
import { parked } from './parked.ts';
import { queueRuns } from './queue-runs.ts';
import { describe, machine, writeReport } from './report.ts';
import { runsPerMinute } from './runs-per-minute.ts';
import { startUp } from './start-up.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';
import { wholeRun } from './whole-run.ts';

// `npm run bench` measures all and writes docs/performance.md; `npm run bench -- NAME` one. Each on a whole Gatehouse,
// driven over HTTP as users do.
const shared = {
  'code-to-terraform': codeToTerraform,
  'whole-run': wholeRun,
  'log-throughput': logThroughput,
  'log-latency': logLatency,
};
/** They fill or restart a Gatehouse of their own. */
const apart = {
  'queue-runs': queueRuns,
  'busy-exchange': busyExchange,
  parked,
  'runs-per-minute': runsPerMinute,
  'start-up': startUp,
  lists,
  growth,
  memory,
};

const startedAt = performance.now();
const [only] = process.argv.slice(2);
const names = [...Object.keys(shared), ...Object.keys(apart)];
if (only !== undefined && !names.includes(only)) {
  process.stderr.write(`There is no benchmark "${only}". There are: ${names.join(', ')}\n`);
  process.exit(1);
}
const isWanted = ([name]: [string, unknown]) => only === undefined || only === name;
process.stdout.write(`${machine()}\n\n`);
const measurements: Measurement[] = [];

async function tell(name: string, measure: () => Promise<Measurement>): Promise<void> {
  const begunAt = performance.now();
  const measured = await measure();
  measurements.push(measured);
  process.stdout.write(`${name}, ${((performance.now() - begunAt) / 1000).toFixed(0)} s\n${describe(measured)}\n`);
}

async function measureTogether(surroundings: Surroundings): Promise<void> {
  try {
    for (const [name, measure] of Object.entries(shared).filter(isWanted))
      await tell(name, () => measure(surroundings));
  } finally {
    await surroundings.close();
  }
}

if (Object.entries(shared).some(isWanted)) await measureTogether(await openSurroundings());
for (const [name, measure] of Object.entries(apart).filter(isWanted)) await tell(name, measure);
if (only === undefined) await writeReport(measurements, (performance.now() - startedAt) / 60_000);
process.exit(measurements.some(({ rows }) => !rows.every(isReached)) ? 1 : 0);
