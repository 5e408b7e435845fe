import { defineProject } from 'vitest/config';

/** Components in Debian's Chromium, driven by real keys, pastes and wheels. */
export default defineProject({
  resolve: { conditions: ['gatehouse-source'] },
  ssr: { resolve: { conditions: ['gatehouse-source', 'node', 'import'] } },
  // Where vitest itself runs a global set-up; it takes no conditions from above, and a fresh clone has sources only.
  environments: { __vitest__: { resolve: { conditions: ['gatehouse-source'] } } },
  test: {
    name: 'browser',
    include: ['test/browser/**/*.browser.test.ts'],
    globalSetup: ['./test/browser/build-gallery.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One browser at a time, and none beside other tests: frames are measured.
    fileParallelism: false,
    sequence: { groupOrder: 2 },
  },
});
