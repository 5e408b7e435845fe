import { describe, expect, test } from 'vitest';

// Read by Vite, as the texts that they are.
const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

/** A file imports from its own folder, or from a lower floor; on one floor the folders know nothing of each other. */
const floors = [['main', 'app'], ['pages'], ['features'], ['components', 'api-client', 'theme']] as const;

function floorOf(folder: string): number {
  return floors.findIndex((names) => names.some((name) => name === folder));
}

/** `features/mfa/code-entry.tsx` → `features`; a file beside them is `main`. */
function folderOf(path: string): string {
  const [first = ''] = path.split('/');
  return path.includes('/') ? first : 'main';
}

const imports = Object.entries(sources).flatMap(([file, text]) => {
  const from = file.replace('../src/', '');
  return [...text.matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, to = '']) => ({
    from,
    to: new URL(to, `file:///${from}`).pathname.slice(1),
  }));
});

describe('imports', () => {
  test('go down, or stay in their folder', () => {
    const upward = imports.filter(({ from, to }) => {
      const [own, other] = [folderOf(from), folderOf(to)];
      return own !== other && floorOf(other) <= floorOf(own);
    });
    expect(upward).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  test('of other packages are of the shared one', () => {
    const packages = Object.values(sources).flatMap((text) =>
      [...text.matchAll(/from '(@gatehouse\/[^/']+)/g)].map(([, name]) => name),
    );
    expect(new Set(packages)).toEqual(new Set(['@gatehouse/shared']));
  });
});
