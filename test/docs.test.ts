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

describe('the alarms', async () => {
  const folder = 'docs/alarms';
  const names = (await readdir(path.join(root, folder))).filter((name) => name !== 'README.md');
  const pages = await Promise.all(names.map((name) => read(`${folder}/${name}`)));

  test('are all on the list', async () => {
    const list = await read(`${folder}/README.md`);
    expect(names.filter((name) => !list.includes(`](${name})`))).toEqual([]);
  });

  test.each(['packages/api/src', 'packages/worker/src'])(
    'have a page for each warning and error of %s',
    async (source) => {
      const files = (await readdir(path.join(root, source), { recursive: true })).filter((name) =>
        name.endsWith('.ts'),
      );
      const texts = await Promise.all(files.map((name) => read(`${source}/${name}`)));
      // The message is the last text of the call: `logger.warn({ err }, 'message')`, in a condition two of them.
      const calls = texts.flatMap(
        (text) => text.match(/\b(?:logger|log)\.(?:warn|error|fatal)\((?:(?!\blogger?\.)[\s\S])*?['`]\s*\)/g) ?? [],
      );
      const messages = calls.flatMap((call) =>
        [...call.matchAll(/(?<=[,(?:]\s*)['`]([^'`]+)['`](?=\s*[):])/g)].map(messageOf),
      );
      expect(messages.length).toBeGreaterThan(10);
      // What a message ends with may differ from time to time; then its page names how it begins.
      const isTold = (message: string) => pages.some((page) => page.replaceAll('\n', ' ').includes(`\`${message}`));
      expect(messages.filter((message) => !isTold(message))).toEqual([]);
    },
  );
});

function messageOf(match: RegExpExecArray): string {
  return (match[1] ?? '').split(/[:$(]/)[0]?.trim() ?? '';
}
