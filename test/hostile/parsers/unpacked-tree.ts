import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { unpackConfiguration } from '../../../packages/shared/src/configuration-archive.ts';
import { isGatehouseError } from '../../../packages/shared/src/gatehouse-error.ts';

/** By path: `file:` and its content, `link:` and its target, or `directory`. */
export type Tree = Record<string, string>;

export type Outcome = { refusal: string | undefined; tree: Tree };

/**
 * Unpacks into a folder that lies between others. Throws what must never be, however the archive is made: something
 * outside was changed, something else than a plain file, folder or inner link was made, it was refused by another error
 * than the named one, or the refusal tells where the folder is.
 */
export async function unpackHostile(tar: Buffer): Promise<Outcome> {
  return unpackBytes(gzipSync(tar, { level: 1 }));
}

export async function unpackBytes(archive: Buffer): Promise<Outcome> {
  const surroundings = await mkdtemp(path.join(tmpdir(), 'gh-parsers-'));
  try {
    const target = path.join(surroundings, 'outer', 'target');
    const file = path.join(surroundings, 'a.tar.gz');
    await mkdir(target, { recursive: true });
    await writeFile(path.join(surroundings, 'outer', 'neighbour'), 'untouched');
    await writeFile(file, archive);
    const refusal = await unpackConfiguration(file, target).then(() => undefined, refusalOf);
    if (refusal?.includes(surroundings)) throw new Error(`The refusal tells of the inside: ${refusal}`);
    const around = await treeOf(surroundings, target);
    const expected = { 'a.tar.gz': '', outer: 'directory', 'outer/neighbour': 'file:untouched', 'outer/target': '' };
    if (JSON.stringify({ ...around, 'a.tar.gz': '' }) !== JSON.stringify(expected)) {
      throw new Error(`Something outside was changed: ${JSON.stringify(Object.keys(around))}`);
    }
    return { refusal, tree: await treeOf(target) };
  } finally {
    await rm(surroundings, { recursive: true, force: true });
  }
}

function refusalOf(error: unknown): string {
  if (isGatehouseError(error, 'configuration_invalid')) return error.message;
  throw error;
}

/** Everything below `root`, sorted; of `opaque` only that it is there. Throws where a link leads outside. */
async function treeOf(root: string, opaque?: string): Promise<Tree> {
  const tree: Tree = {};
  const walk = async (folder: string): Promise<void> => {
    for (const name of (await readdir(folder)).sort()) {
      const at = path.join(folder, name);
      const below = path.relative(root, at);
      const found = await lstat(at);
      if ((found.mode & 0o7000) !== 0) throw new Error(`${below} has the mode ${found.mode.toString(8)}.`);
      if (at === opaque) tree[below] = '';
      else if (found.isDirectory()) {
        tree[below] = 'directory';
        await walk(at);
      } else if (found.isFile()) tree[below] = `file:${await readFile(at, 'utf8')}`;
      else if (found.isSymbolicLink()) {
        tree[below] = `link:${await readlink(at)}`;
        await requireInside(root, at);
      } else throw new Error(`${below} is neither a file, a folder nor a link.`);
    }
  };
  await walk(root);
  return tree;
}

/** As the kernel follows a link, one name after the other; names that are not there could be made by the next. */
async function requireInside(root: string, link: string): Promise<void> {
  let left = [path.basename(link)];
  let at = path.dirname(link);
  for (let steps = 0; left.length > 0 && steps < 1_000; steps++) {
    const [name = '', ...rest] = left;
    left = rest;
    if (name === '' || name === '.') continue;
    const next = path.join(at, name);
    const target = name === '..' ? undefined : await readlink(next).catch(() => undefined);
    if (target === undefined) at = next;
    else left = [...target.split('/'), ...rest];
    if (target?.startsWith('/') || (at !== root && !at.startsWith(`${root}/`))) {
      throw new Error(`The link ${path.relative(root, link)} leads outside.`);
    }
  }
}
