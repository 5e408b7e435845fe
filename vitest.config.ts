import { defineConfig } from 'vitest/config';

// `unit` holds what needs no running stack; `e2e` starts whole stacks and so runs its files one after another; `cli` does so
// too, but the terraform CLI sleeps most of the time, so that two files at once do not slow each other.
// Not `module`: the AWS SDK offers a bundler's build under it. Not `import`: Node would apply it to `require` as well.
const conditions = ['gatehouse-source', 'node'];
const project = {
  resolve: { conditions: ['gatehouse-source'] },
  ssr: { resolve: { conditions } },
};
/** A whole stack starts in a few seconds, and a run of terraform has many steps. */
const stacks = { testTimeout: 180_000, hookTimeout: 120_000 };
const cliTests = ['test/e2e/cli-*.test.ts', 'test/e2e/engines.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './test/totals-reporter.ts'],
    projects: [
      {
        ...project,
        test: {
          name: 'unit',
          include: ['packages/{shared,api,worker}/test/**/*.test.ts', 'infra/*/test/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 30_000,
          // By itself vitest leaves one of two cores to itself, which sleeps.
          maxWorkers: 2,
        },
      },
      {
        ...project,
        test: {
          ...stacks,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: cliTests,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...project,
        test: { ...stacks, name: 'cli', include: cliTests, maxWorkers: 2, sequence: { groupOrder: 3 } },
      },
      // The page: components without a browser, and in one.
      'packages/web/vitest.config.ts',
      'packages/web/vitest.browser.config.ts',
    ],
  },
});
