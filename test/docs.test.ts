import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** What the documents say of files and settings is true. */
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFile(path.join(root, file), 'utf8');
const documents = [
  'README.md',
  'CHANGELOG.md',
  ...(await readdir(path.join(root, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe.each(documents)('%s', (document) => {
  test('links to what is there', async () => {
    const text = await read(document);
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    const missing = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(path.join(root, path.dirname(document), target)));
    expect(missing).toEqual([]);
  });
});

test.each(['packages/api/src/config.ts', 'packages/worker/src/config.ts'])(
  'docs/operations.md names every setting of %s',
  async (file) => {
    const operations = await read('docs/operations.md');
    const settings = new Set(
      [...(await read(file)).matchAll(/\b(GATEHOUSE_[A-Z_]+[A-Z]|REDIS_URL)\b/g)].map(([name]) => name),
    );
    expect(settings.size).toBeGreaterThan(8);
    expect([...settings].filter((name) => !operations.includes(name))).toEqual([]);
  },
);

test('the change log has a place for what comes next', async () => {
  expect(await read('CHANGELOG.md')).toMatch(/^## \[Unreleased\]$/m);
});
