import { defineConfig } from 'vitest/config';

// `unit` holds what needs no running stack; `e2e` starts whole stacks and so runs its files one after another.
// Not `module`: the AWS SDK offers a bundler's build under it. Not `import`: Node would apply it to `require` as well.
const conditions = ['gatehouse-source', 'node'];
const project = {
  resolve: { conditions: ['gatehouse-source'] },
  ssr: { resolve: { conditions } },
};

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
        },
      },
      {
        ...project,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      // The page: components without a browser, and in one.
      'packages/web/vitest.config.ts',
      'packages/web/vitest.browser.config.ts',
    ],
  },
});
