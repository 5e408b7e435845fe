import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import { archiveLimits } from '../../../packages/shared/src/configuration-archive.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';
import { base256, type EntryType, extended, long, type TarEntry, tarOf } from './tar-bytes.ts';
import { type Tree, unpackBytes, unpackHostile } from './unpacked-tree.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });
const nothingOutside = 'nothing outside is changed, and only plain files, folders and inner links are made';

const name = fc.constantFrom('a', 'b.tf', '.hidden', '...', 'ä', 'with space', 'x'.repeat(90), '😀'.repeat(40));
const folderNames = fc.array(name, { maxLength: 3 });

/** A tree and an archive of it: names in their field, in PAX records, or as GNU tar says long ones. */
const kept: fc.Arbitrary<{ entries: TarEntry[]; tree: Tree }> = fc
  .array(
    fc.record({
      parents: folderNames,
      name,
      kind: fc.constantFrom('file', 'directory', 'link'),
      body: fc.string({ maxLength: 40 }),
      form: fc.constantFrom('pax', 'gnu', 'field'),
      target: name,
      isBase256: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((wanted) => {
    const tree: Tree = {};
    const entries: TarEntry[] = [];
    for (const { parents, name: base, kind, body, form, target, isBase256 } of wanted) {
      const full = [...parents, base].join('/');
      const above = parents.map((_, index) => parents.slice(0, index + 1).join('/'));
      if (tree[full] !== undefined || above.some((at) => (tree[at] ?? 'directory') !== 'directory')) continue;
      for (const at of above) tree[at] = 'directory';
      tree[full] = kind === 'file' ? `file:${body.toWellFormed()}` : kind === 'link' ? `link:${target}` : 'directory';
      const bytes = Buffer.from(body.toWellFormed());
      const entry: TarEntry = {
        name: full,
        ...(kind === 'file' ? { body: bytes } : { type: kind === 'link' ? 'link' : 'directory' }),
        ...(isBase256 && kind === 'file' ? { size: base256(BigInt(bytes.length)) } : {}),
        ...(kind === 'link' ? { target } : {}),
      };
      const isLong = Buffer.byteLength(full) > 100 || Buffer.byteLength(target) > 100;
      const more = kind === 'link' ? { path: full, linkpath: target } : { path: full };
      if (form === 'pax') entries.push(extended(more));
      else if (form === 'gnu' || isLong) {
        entries.push(long('longName', full), ...(kind === 'link' ? [long('longLink', target)] : []));
      }
      entries.push(entry);
    }
    return { entries, tree };
  });

row(
  {
    area: 'Parsers',
    harm: 'archives of any tree, with long names and sizes in each form that tar has',
    holds: 'what is unpacked is that very tree',
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.asyncProperty(kept, async ({ entries, tree }) => {
        const outcome = await unpackHostile(tarOf(entries));
        expect(outcome.refusal).toBeUndefined();
        expect(outcome.tree).toEqual(sorted(tree));
      }),
      numRuns(25, 600),
    ),
);

function sorted(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).sort());
}

const climbing = fc.constantFrom(
  '../x',
  'a/../../x',
  '/x',
  '/',
  '..',
  'a/..',
  './../x',
  'a//..//..//x',
  '\\..\\x/../y',
);
const device = fc.constantFrom<EntryType>('hardLink', 'characterDevice', 'blockDevice', 'pipe', 'contiguous', 'sparse');

/** Each of them must be refused wherever it stands. */
const harm = fc.oneof<fc.Arbitrary<TarEntry[]>[]>(
  climbing.map((at) => [{ name: at, body: 'x' }]),
  climbing.map((at) => [{ name: at, type: 'directory' as const }]),
  climbing.map((at) => [extended({ path: at }), { name: 'fine', body: 'x' }]),
  climbing.map((at) => [long('longName', at), { name: 'fine', body: 'x' }]),
  fc
    .constantFrom('/etc/passwd', '../x', 'a/../../x', 'b/..', '.../..', '..././../x')
    .map((target) => [{ name: 'harm', type: 'link' as const, target }]),
  fc
    .constantFrom('../../x', '/x')
    .map((linkpath) => [extended({ linkpath }), { name: 'deep/harm', type: 'link' as const, target: 'fine' }]),
  device.map((type) => [{ name: 'harm', type, target: 'a' }]),
  fc.constant([{ name: 'harm', body: 'x', sumError: 1 }]),
  fc.constantFrom(-1n, -512n, 2n ** 40n, 2n ** 62n).map((size) => [{ name: 'harm', body: 'x', size: base256(size) }]),
  fc.constantFrom('1e99', '9'.repeat(30)).map((size) => [extended({ size }), { name: 'harm', body: 'x' }]),
  fc.constant([{ name: 'harm', size: Buffer.from('77777777777\0') }]),
  fc.constant([long('longName', 'n'.repeat(300)), { name: 'fine' }]),
  fc.constant([long('longName', 'd/'.repeat(archiveLimits.depth + 1)), { name: 'fine', type: 'directory' as const }]),
  fc.constant([
    { name: 'here', type: 'link' as const, target: 'a' },
    { name: 'here/x', body: 'x' },
  ]),
  fc.constant([
    { name: 'p/', type: 'directory' as const },
    { name: 'p/x', body: 'x' },
    { name: 'p', type: 'link' as const, target: 'a' },
  ]),
);

row(
  {
    area: 'Parsers',
    harm: 'an archive with one entry that climbs, links out, is a device, says a wrong size or sum, or turns a folder into a link',
    holds: `it is refused by name, and ${nothingOutside}`,
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.asyncProperty(kept, harm, fc.nat(20), async ({ entries }, bad, place) => {
        const at = entries.findIndex((_, index) => index >= place && !isAbout(entries[index - 1]));
        const whole = entries.toSpliced(at < 0 ? entries.length : at, 0, ...bad);
        const { refusal } = await unpackHostile(tarOf(whole));
        expect(refusal).toMatch(/^The configuration archive was refused: .+\.$/s);
      }),
      numRuns(50, 1500),
    ),
);

/** Whether it speaks of the entry behind it. */
function isAbout(entry: TarEntry | undefined): boolean {
  return ['extended', 'longName', 'longLink'].includes(entry?.type ?? '');
}

const step = fc.constantFrom('a', 'b', '..', '.', '...', '');
const anyPath = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'));

row(
  {
    area: 'Parsers',
    harm: 'archives of links, folders and files over one another, with targets and names that climb and come back',
    holds: `followed as the kernel does, no link leads out; ${nothingOutside}`,
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            name: anyPath,
            type: fc.constantFrom<EntryType>('link', 'link', 'directory', 'file'),
            target: anyPath,
            mode: fc.constantFrom(0o644, 0o4755, 0o2777, 0o1777, 0),
          }),
          { minLength: 1, maxLength: 5 },
        ),
        async (entries) => {
          // Throws by itself. Most are refused by their first harm, so that the later entries are tried alone as well.
          for (let from = 0; from < entries.length; from++) await unpackHostile(tarOf(entries.slice(from)));
        },
      ),
      numRuns(40, 1000),
    ),
);

row(
  {
    area: 'Parsers',
    harm: 'an archive cut at any byte, packed or not, one with other bytes in it, and one with junk behind it',
    holds: `it is refused, or what there is of it is unpacked; ${nothingOutside}`,
    isChosen: true,
  },
  async () => {
    const whole = tarOf([
      { name: 'a/b.tf', body: 'x'.repeat(600) },
      extended({ path: 'c/d.tf' }),
      { name: 'c', body: 'y' },
    ]);
    const packed = gzipSync(whole);
    const tree = (await unpackBytes(packed)).tree;
    expect(Object.keys(tree)).toEqual(['a', 'a/b.tf', 'c', 'c/d.tf']);
    const stride = isWholeSuite ? 5 : 199;
    for (let length = 0; length < packed.length; length += isWholeSuite ? 1 : 9) {
      expect((await unpackBytes(packed.subarray(0, length))).refusal).toBeDefined();
    }
    for (let length = 0; length < whole.length; length += stride) {
      const cut = await unpackHostile(whole.subarray(0, length));
      if (cut.refusal !== undefined) continue;
      for (const [at, what] of Object.entries(cut.tree)) expect(what).toBe(tree[at]);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, bytes) => {
        const bent = Buffer.from(whole);
        bent.set(bytes.subarray(0, whole.length - at), at);
        await unpackHostile(bent);
        await unpackHostile(Buffer.concat([whole, Buffer.from(bytes)]));
        const trailed = await unpackBytes(Buffer.concat([packed, Buffer.from(bytes)]));
        if (trailed.refusal === undefined) expect(trailed.tree).toEqual(tree);
      }),
      numRuns(10, 300),
    );
  },
);

row(
  {
    area: 'Parsers',
    harm: 'archives of next to nothing that ask for very many folders',
    holds: 'they are refused before the disk has more entries than an archive may have',
  },
  async () => {
    const deep = archiveLimits.depth - 2;
    const wanted = Math.ceil(archiveLimits.entries / deep) + 10;
    const folders = Array.from({ length: wanted }, (_, index): TarEntry[] => [
      long('longName', path.posix.join(`n${index}`, ...Array.from({ length: deep }, () => 'd'))),
      { name: 'fine', type: 'directory' },
    ]);
    const asked = await unpackHostile(tarOf(folders.flat()));
    expect(asked.refusal).toMatch(/more than 50000 entries/);
    expect(Object.keys(asked.tree).length).toBeLessThanOrEqual(archiveLimits.entries);
  },
);
