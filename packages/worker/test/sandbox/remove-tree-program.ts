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

/** Folders that nobody may read or write, a link out, a set-id program in them, and names deeper than a path may be. */
function makeTree(root: string): string {
  const closed = join(root, 'closed');
  mkdirSync(join(closed, 'deeper'), { recursive: true });
  symlinkSync(outside, join(closed, 'link'));
  const program = join(closed, 'deeper', 'program');
  writeFileSync(program, 'x');
  chmodSync(program, 0o6755);
  process.chdir(root);
  for (let depth = 0; depth < 30; depth++) {
    mkdirSync('n'.repeat(200));
    process.chdir('n'.repeat(200));
  }
  writeFileSync('last', 'x');
  process.chdir(base);
  chmodSync(join(closed, 'deeper'), 0o555);
  chmodSync(closed, 0o000);
  return program;
}

const first = join(base, 'first');
const program = makeTree(first);
await openTree(first);
const mode = statSync(program).mode & 0o7777;
const second = join(base, 'second');
makeTree(second);
for (const root of [first, second]) await removeTree(root);
const said = {
  mode: mode.toString(8),
  left: [first, second].filter((root) => existsSync(root)).length,
  isKept: existsSync(kept),
  outside: (statSync(outside).mode & 0o7777).toString(8),
};
process.stdout.write(JSON.stringify(said));
