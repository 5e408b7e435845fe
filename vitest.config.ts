import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `unit` holds what needs no running stack. `e2e` starts whole stacks, three files at once: people, the terraform CLI and
// deadlines are mostly waited for. What measures, or kills what others would feel, is `alone`.
// Not `module`: the AWS SDK offers a bundler's build under it. Not `import`: Node would apply it to `require` as well.
const conditions = ['gatehouse-source', 'node'];
// What Node compiled and stripped of its types is kept, as `npm start` keeps it: some hundred processes load the same.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));
const project = {
  resolve: { conditions: ['gatehouse-source'] },
  ssr: { resolve: { conditions } },
};
/** A whole stack starts in a few seconds, and a run of terraform has many steps. */
const stacks = { testTimeout: 180_000, hookTimeout: 120_000 };
/** What tells the whole suites from the choice of them in `npm test` is said in test/suites/row.ts. */
const onlyWhole = process.env['GATEHOUSE_SUITE'] === 'whole' ? [] : ['test/**/*.whole.test.ts'];
const alone = ['test/e2e/page/{numbers,resilience}.test.ts', 'test/e2e/{launcher,restarts}.test.ts'];

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
          // Loading the api took longer than most files' tests. Nothing is mocked or kept in a module.
          isolate: false,
        },
      },
      {
        ...project,
        test: {
          ...stacks,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...project,
        test: { ...stacks, name: 'alone', include: alone, fileParallelism: false, sequence: { groupOrder: 3 } },
      },
      ...['faults', 'hostile'].map((name, index) => ({
        ...project,
        test: {
          ...stacks,
          name,
          include: [`test/${name}/**/*.test.ts`],
          exclude: onlyWhole,
          maxWorkers: 2,
          sequence: { groupOrder: 4 + index },
        },
      })),
      // The page: components without a browser, and in one.
      'packages/web/vitest.config.ts',
      'packages/web/vitest.browser.config.ts',
    ],
  },
});
