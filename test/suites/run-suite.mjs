// `npm run test:faults` and `npm run test:hostile`: a whole suite, bounded in time, with a seed that it prints.
//
//   node test/suites/run-suite.mjs faults|hostile [files …]
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [suite, ...files] = process.argv.slice(2);
// Measured on two cores: each takes half of that.
const boundMs = 45 * 60_000;

const child = spawn(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    suite,
    '--reporter=default',
    '--reporter=./test/suites/table-reporter.ts',
    '--reporter=./test/totals-reporter.ts',
    ...files,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      GATEHOUSE_SUITE: 'whole',
      GATEHOUSE_SUITE_TABLE: files.length === 0 ? 'yes' : 'no',
      GATEHOUSE_TEST_SEED: process.env.GATEHOUSE_TEST_SEED ?? String(randomInt(2 ** 31)),
    },
  },
);
const bound = setTimeout(() => {
  process.stderr.write(`The suite "${suite}" did not end within ${boundMs / 60_000} minutes and is stopped.\n`);
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 20_000).unref();
}, boundMs);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
child.on('close', (code, signal) => {
  clearTimeout(bound);
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
