import { defineConfig } from 'vitest/config';

// `unit` holds what needs no running stack; `e2e` starts whole stacks and so runs its files one after another.
const conditions = ['gatehouse-source', 'node', 'import', 'module'];
const project = {
  resolve: { conditions: ['gatehouse-source'] },
  ssr: { resolve: { conditions } },
};

export default defineConfig({
  test: {
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
