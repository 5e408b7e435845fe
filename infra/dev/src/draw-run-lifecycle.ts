// Draws docs/run-lifecycle.md's diagram anew; with --check only says (exit 1) whether it is old.
import { readFile, writeFile } from 'node:fs/promises';
import { withDiagram } from './lifecycle-diagram.ts';

const file = new URL('../../../docs/run-lifecycle.md', import.meta.url);
const document = await readFile(file, 'utf8');
const drawn = withDiagram(document);
if (process.argv.includes('--check')) {
  if (drawn !== document) {
    process.stderr.write('The diagram in docs/run-lifecycle.md is old. Draw it anew with: npm run draw\n');
    process.exitCode = 1;
  }
} else if (drawn !== document) {
  await writeFile(file, drawn);
}
