import { defineConfig } from 'vitest/config';

// `unit` holds what needs no running stack; `e2e` starts whole stacks and so runs its files one after another.
// Not `module`: the AWS SDK offers a bundler's build under it that Node cannot load.
const conditions = ['gatehouse-source', 'node', 'import'];
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
    ],
  },
});
