import { cpus } from 'node:os';
import { codeToTerraform } from './code-to-terraform.ts';
import { logLatency } from './log-latency.ts';
import { openSurroundings } from './surroundings.ts';
import { wholeRun } from './whole-run.ts';

// `npm run bench` measures all; `npm run bench -- NAME` one. Each on a whole Gatehouse, driven over HTTP as users do.
const benches = {
  'code-to-terraform': codeToTerraform,
  'whole-run': wholeRun,
  'log-latency': logLatency,
};

const [only] = process.argv.slice(2);
if (only !== undefined && !Object.hasOwn(benches, only)) {
  process.stderr.write(`There is no benchmark "${only}". There are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(1);
}
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}\n\n`);
const surroundings = await openSurroundings();
let isMissed = false;
try {
  for (const [name, measure] of Object.entries(benches)) {
    if (only !== undefined && only !== name) continue;
    const row = await measure(surroundings);
    const verdict = row.ratio <= row.goal ? 'reached' : 'MISSED';
    isMissed ||= verdict === 'MISSED';
    process.stdout.write(
      `${row.name}\n  ${row.figures}\n  against ${row.against}\n  ratio ${row.ratio.toFixed(2)}, goal ≤ ${row.goal}: ${verdict}\n\n`,
    );
  }
} finally {
  await surroundings.close();
}
process.exit(isMissed ? 1 : 0);
