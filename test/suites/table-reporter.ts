import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Row } from './row.ts';
import { suiteSeed, writesTable } from './suite.ts';
import { begin, end, type TriedRow, tableOf } from './table.ts';

/**
 * Prints what was tried and what held, and writes it into `docs/<suite>.md` when the whole suite ran: not when it was
 * narrowed to some files or tests.
 */
export default class TableReporter implements Reporter {
  onInit(): void {
    process.stdout.write(`Seed ${suiteSeed}. To run the same again: GATEHOUSE_TEST_SEED=${suiteSeed}\n`);
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    for (const suite of new Set(modules.map((module) => module.project.name))) {
      const tests = modules
        .filter((module) => module.project.name === suite)
        .flatMap((module) => [...module.children.allTests()]);
      const rows = tests.flatMap(triedRow);
      const held = rows.filter(({ hasHeld }) => hasHeld).length;
      const table = `Seed ${suiteSeed}: ${held} of ${rows.length} rows held.\n\n${tableOf(rows)}`;
      process.stdout.write(`\n${table}\n`);
      if (!writesTable) continue;
      const file = fileURLToPath(new URL(`../../docs/${suite}.md`, import.meta.url));
      await writeFile(file, withTable(await readFile(file, 'utf8'), table));
      process.stdout.write(`docs/${suite}.md has the table.\n`);
    }
  }
}

function triedRow(test: TestCase): TriedRow[] {
  const row: Row | undefined = test.meta().row;
  return row === undefined ? [] : [{ ...row, hasHeld: test.result().state === 'passed' }];
}

function withTable(page: string, table: string): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`The page has no place for its table: ${begin} … ${end}`);
  return `${page.slice(0, before + begin.length)}\n${table}\n${page.slice(after)}`;
}
