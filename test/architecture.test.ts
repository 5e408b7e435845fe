import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { brokenDoors, brokenEnvironment, brokenSecrets, revealers } from './architecture/doors.ts';
import { brokenFloors, houseOf, houses } from './architecture/floors.ts';
import { brokenForm, longFiles, undeclaredImports } from './architecture/form.ts';
import { parseSourceFile, type SourceFile } from './architecture/source-file.ts';

// Holds docs/architecture.md to be true: floors, doors, secrets, and the form of files.

const repository = fileURLToPath(new URL('..', import.meta.url));
const files = Object.keys(houses).flatMap((house) => sourcesOf(`${house}/src`));

describe('the repository', () => {
  test('is read at all', () => {
    expect(files.map((file) => file.path)).toContain('packages/shared/src/run-status.ts');
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(50);
  });

  test('keeps its floors: no import leads upward, to a neighbour or into another package', () => {
    expect(brokenFloors(files)).toEqual([]);
  });

  test('keeps its doors: each outside library is imported where it belongs', () => {
    expect(brokenDoors(files)).toEqual([]);
  });

  test('takes a secret out of its wrapping only where the list says', () => {
    expect(brokenSecrets(files)).toEqual([]);
  });

  test('reads the environment only in its configs', () => {
    expect(brokenEnvironment(files)).toEqual([]);
  });

  test('has files of one form: named for an idea, not too long, named exports', () => {
    expect(brokenForm(files)).toEqual([]);
  });

  test.each(Object.keys(houses).filter((house) => files.some((file) => houseOf(file.path) === house)))(
    '%s declares what it imports',
    (house) => {
      const { name, dependencies } = packageJson.parse(
        JSON.parse(readFileSync(path.join(repository, house, 'package.json'), 'utf8')),
      );
      const own = files.filter((file) => houseOf(file.path) === house);
      expect(undeclaredImports(own, Object.keys(dependencies), name)).toEqual([]);
    },
  );

  test('has no exception in its lists that nobody needs any more', () => {
    const isNeeded = (place: string) =>
      files.some((file) => file.path.startsWith(place) && file.revealLines.length > 0);
    expect(Object.keys(revealers).filter((place) => !isNeeded(place))).toEqual([]);
    const tooLong = files.filter((file) => file.lineCount > 250).map((file) => file.path);
    expect(Object.keys(longFiles).filter((file) => !tooLong.includes(file))).toEqual([]);
  });
});

describe('a rule that is broken is told with its place', () => {
  const told = (file: string, text: string) => {
    const parsed = [parseSourceFile(file, text)];
    return [
      ...brokenFloors(parsed),
      ...brokenDoors(parsed),
      ...brokenSecrets(parsed),
      ...brokenEnvironment(parsed),
      ...brokenForm(parsed),
    ];
  };
  const service = 'packages/api/src/services/create-run.ts';

  test.each([
    [
      'upward',
      service,
      "\nimport { a } from '../routes/runs.ts';",
      `${service}:2 imports upward: "routes" stands above`,
    ],
    ['to a neighbour', 'packages/api/src/store/runs.ts', "import type { a } from '../queue/a.ts';", 'its neighbour on'],
    ['into another package by path', service, "export * from '../../../worker/src/main.ts';", 'outside of its own'],
    ['of another program', service, "const a = await import('@gatehouse/worker/main');", 'may not know'],
    ['from a folder without a floor', service, "import { a } from '../things/a.ts';", 'has no floor'],
    ['past a door', service, "import { sql } from 'drizzle-orm/sqlite-core';", 'its door is packages/api/src/store/'],
    [
      'of the value behind a door for types',
      'packages/shared/src/a.ts',
      "import { Redis } from 'ioredis';",
      'its door',
    ],
    ['that reveals', service, 'const text = token.reveal();', 'calls .reveal()'],
    ['that reads the environment', service, "const home = process.env['HOME'];", 'reads process.env'],
    ['from a bucket', 'packages/api/src/domain/utils/a.ts', '', '"utils" in its path'],
    ['as a default', 'packages/api/src/domain/a.ts', 'export default 1;', 'default export'],
    ['too long', 'packages/api/src/domain/a.ts', 'a();\n'.repeat(251), 'has 251 lines'],
  ])('%s', (_rule, file, text, sentence) => {
    expect(told(file, text)).toEqual([expect.stringContaining(sentence)]);
  });

  test.each([
    ['downward', service, "import { a } from '../domain/run.ts'; import { b } from './authorize.ts';"],
    ['of a type behind a door for types', 'packages/shared/src/a.ts', "import type { Redis } from 'ioredis';"],
    ['that hands the environment over', 'packages/api/src/main.ts', 'const config = readConfig(process.env);'],
    ['in words only', service, "// import { a } from '../routes/runs.ts' and token.reveal()\nconst a = 'process.env';"],
  ])('but not one that is kept: %s', (_rule, file, text) => {
    expect(told(file, text)).toEqual([]);
  });

  test('of what a package does not declare', () => {
    const file = parseSourceFile(service, "import { a } from '@scope/name/part'; import fs from 'node:fs';");
    expect(undeclaredImports([file], ['zod'], '@gatehouse/api')).toEqual([
      `${service}:1 imports @scope/name, which its package.json does not declare.`,
    ]);
  });
});

const packageJson = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) });

function sourcesOf(folder: string): SourceFile[] {
  if (!existsSync(path.join(repository, folder))) return [];
  return readdirSync(path.join(repository, folder), { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) =>
      parseSourceFile(path.relative(repository, file).split(path.sep).join('/'), readFileSync(file, 'utf8')),
    );
}
