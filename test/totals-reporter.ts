import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends the output with the totals alone on a line, `N passed, N failed` (and `, N skipped`), for whoever reads only that.
 * A file that could not be loaded, or an error outside of all tests, counts as one failure: nothing red reads `0 failed`.
 */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) totals.failed++;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) totals.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // `pending` at the end of a run: it was cut short before the test could say anything.
        if (state === 'pending') totals.failed++;
        else totals[state]++;
      }
    }
    const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
    // At the exit, so that nothing of vitest's own comes after it.
    process.once('exit', () => process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`));
  }
}
