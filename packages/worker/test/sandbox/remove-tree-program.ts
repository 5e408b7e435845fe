// Started as a process of its own by remove-tree.test.ts: makes what `rm` cannot remove, and removes it.
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTree, removeTree } from '../../src/sandbox/remove-tree.ts';

const base = process.argv[2] ?? '';
const outside = join(base, 'outside');
const kept = join(outside, 'kept');
mkdirSync(outside);
writeFileSync(kept, 'x');
chmodSync(outside, 0o755);
chmodSync(kept, 0o644);

/** Folders that nobody may read or write, a link out, a set-id program in them, and, at will, names deeper than a path may be. */
function makeTree(root: string, isDeep: boolean): string {
  const closed = join(root, 'closed');
  mkdirSync(join(closed, 'deeper'), { recursive: true });
  symlinkSync(outside, join(closed, 'link'));
  const program = join(closed, 'deeper', 'program');
  writeFileSync(program, 'x');
  chmodSync(program, 0o6755);
  process.chdir(root);
  for (let depth = 0; isDeep && depth < 30; depth++) {
    mkdirSync('n'.repeat(200));
    process.chdir('n'.repeat(200));
  }
  writeFileSync('last', 'x');
  process.chdir(base);
  chmodSync(join(closed, 'deeper'), 0o555);
  chmodSync(closed, 0o000);
  return program;
}

const modes: string[] = [];
const left: string[] = [];
for (const isDeep of [false, true]) {
  const [first, second] = [join(base, `first-${isDeep}`), join(base, `second-${isDeep}`)];
  const program = makeTree(first, isDeep);
  await openTree(first);
  modes.push((statSync(program).mode & 0o7777).toString(8));
  makeTree(second, isDeep);
  for (const root of [first, second]) await removeTree(root);
  left.push(...[first, second].filter((root) => existsSync(root)));
}
const said = {
  modes,
  left,
  isKept: existsSync(kept),
  outside: (statSync(outside).mode & 0o7777).toString(8),
};
process.stdout.write(JSON.stringify(said));
