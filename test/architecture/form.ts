import path from 'node:path';
import type { SourceFile } from './source-file.ts';

const longestFile = 250;
/** Longer files, each with the reason why it is not split. */
export const longFiles: Readonly<Record<string, string>> = {};

/** Buckets that gather what has no name of its own. */
const bucketNames: readonly string[] = [
  'utils',
  'util',
  'helpers',
  'types',
  'interfaces',
  'classes',
  'common',
  'misc',
  'managers',
  'lib',
];

export function brokenForm(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const name = path.posix.basename(file.path).replace(/\.tsx?$/, '');
    const complaints: string[] = [];
    if (name === 'index') complaints.push('is an index file; import the file that has the thing');
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) complaints.push('is not named in kebab-case');
    const bucket = [...path.posix.dirname(file.path).split('/'), name].find((part) => bucketNames.includes(part));
    if (bucket !== undefined) complaints.push(`has "${bucket}" in its path, which names no idea`);
    if (file.hasDefaultExport) complaints.push('has a default export; exports are named');
    if (file.lineCount > longestFile && !Object.hasOwn(longFiles, file.path)) {
      complaints.push(`has ${file.lineCount} lines, more than ${longestFile}: split it by idea`);
    }
    return complaints.map((complaint) => `${file.path} ${complaint}.`);
  });
}

/** Imports of packages that the importing package does not declare: pnpm would find them here, a deployed package not. */
export function undeclaredImports(files: readonly SourceFile[], declared: readonly string[], own: string): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((used) => !used.isRelative && !used.target.startsWith('node:'))
      .map((used) => ({ ...used, name: packageName(used.target) }))
      .filter(({ name }) => name !== own && !declared.includes(name))
      .map(({ line, name }) => `${file.path}:${line} imports ${name}, which its package.json does not declare.`),
  );
}

function packageName(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
