import react from '@vitejs/plugin-react';
import { defineProject } from 'vitest/config';

/** What of the page needs no browser. */
export default defineProject({
  plugins: [react()],
  resolve: { conditions: ['gatehouse-source', 'module', 'browser', 'development'] },
  test: {
    name: 'web',
    testTimeout: 30_000,
    environment: 'happy-dom',
    maxWorkers: 2,
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/browser/**'],
    setupFiles: ['./test/setup.ts'],
    // Class names as they are written, so that a test fails where one is misspelt.
    css: { modules: { classNameStrategy: 'non-scoped' } },
  },
});
