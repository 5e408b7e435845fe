// `npm run check`: what CI runs, and what should be well before a commit. Ends at the first step that fails.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const biome = 'node_modules/@biomejs/biome/bin/biome';
const typescript = 'node_modules/typescript/bin/tsc';

const steps = [
  { name: 'lint and format', args: [biome, 'ci', '--error-on-warnings'] },
  { name: 'types', args: [typescript, '-b'] },
  { name: 'migrations', args: ['infra/dev/check-migrations.mjs'] },
  {
    name: "drawing of a run's life",
    args: ['--conditions=gatehouse-source', 'infra/dev/src/draw-run-lifecycle.ts', '--check'],
  },
  {
    name: 'dependencies',
    args: ['--conditions=gatehouse-source', 'infra/dev/src/check-dependencies.ts'],
    // What it could not ask is said on every run.
    isHeard: true,
  },
  // The longest one is last, and speaks while it runs.
  { name: 'tests', args: ['node_modules/vitest/vitest.mjs', 'run'], isLong: true },
];

for (const { name, args, isLong = false, isHeard = false } of steps) {
  const started = performance.now();
  process.stdout.write(`${name} …${isLong ? '\n' : ' '}`);
  const { code, output } = await run(args, isLong);
  const duration = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  if (code !== 0) {
    process.stdout.write(`FAILED (${duration})\n\n${output}\nCheck ended at "${name}".\n`);
    process.exit(1);
  }
  process.stdout.write(`${isLong ? `${name} ` : ''}well (${duration})\n${isHeard ? output : ''}`);
}

function run(args, isLong) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: isLong ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const gather = (data) => {
      output += data;
    };
    child.stdout?.on('data', gather);
    child.stderr?.on('data', gather);
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
