import { randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import fc from 'fast-check';
import { expect } from 'vitest';
import { restoreBackup } from '../../../packages/api/src/backup/restore-backup.ts';
import { packPlan, unpackPlan } from '../../../packages/worker/src/phases/plan-artifact.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';
import { type EntryType, extended, type TarEntry, tarOf } from './tar-bytes.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });

const counts = { resourceAdditions: 1, resourceChanges: 0, resourceDestructions: 0, resourceImports: 0 };
const bytes = fc.uint8Array({ maxLength: 60 });

row(
  {
    area: 'Parsers',
    harm: 'saved plans of any bytes, cut at every place, with folders that climb and lengths that are not theirs',
    holds: 'what was packed comes out, and all else is refused by one error',
    isChosen: true,
  },
  () => {
    const step = fc.constantFrom('a', '..', '.', '', 'ä', 'b c', '\n');
    const folder = fc.array(step, { maxLength: 3 }).map((steps) => steps.join('/'));
    fc.assert(
      fc.property(bytes, bytes, folder, fc.integer({ min: -2, max: 200 }), (planFile, tree, directory, planBytes) => {
        const plan = { terraformVersion: '1.11.4', directory, mirrored: null, counts, planFile, tree };
        const packed = Buffer.from(packPlan(plan));
        const steps = directory.split('/');
        const isPlain = directory === '' || steps.every((one) => !['', '.', '..', '\n'].includes(one));
        const opened = open(packed);
        if (isPlain) {
          expect([opened?.planFile, opened?.tree].map((part) => [...(part ?? [])])).toEqual([[...planFile], [...tree]]);
        } else if (opened !== undefined)
          expect([steps[0], steps.includes('..'), steps.includes('\n')]).toEqual([
            expect.stringMatching(/^[aäb]/),
            false,
            false,
          ]);
        if (opened === undefined) return;
        const head = packed.indexOf('\n') + 1;
        for (let length = 0; length < head + planFile.length; length++)
          expect(open(packed.subarray(0, length))).toBeUndefined();
        const line = JSON.parse(packed.subarray(0, head).toString());
        const other = Buffer.concat([
          Buffer.from(`${JSON.stringify({ ...line, planBytes })}\n`),
          packed.subarray(head),
        ]);
        if (planBytes < 0 || planBytes > planFile.length + tree.length) expect(open(other)).toBeUndefined();
      }),
      numRuns(100, 5000),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.jsonValue(), (any, json) => {
        expect(open(any)).toBeUndefined();
        expect(open(Buffer.from(`${JSON.stringify(json)}\n`))).toBeUndefined();
      }),
      numRuns(200, 10_000),
    );
  },
);

function open(packed: Uint8Array): ReturnType<typeof unpackPlan> | undefined {
  try {
    return unpackPlan(packed);
  } catch (error) {
    if (!isGatehouseError(error, 'internal')) throw error;
    return undefined;
  }
}

const name = fc.constantFrom(
  'gatehouse.sqlite',
  'manifest.json',
  'blobs/a',
  '../x',
  '/x',
  'a/../../x',
  'blobs',
  './',
  '.',
);
const type = fc.constantFrom<EntryType>('file', 'file', 'directory', 'link', 'hardLink', 'pipe', 'characterDevice');
const entries = fc.array(
  fc.oneof(
    fc.record({
      name,
      type,
      target: fc.constantFrom('..', '/etc', '../x'),
      body: fc.constantFrom('', '{}', 'x'),
      mode: fc.constantFrom(0o644, 0o4755),
    }),
    fc.constantFrom('../x', '/x').map((at): TarEntry => extended({ path: at })),
  ),
  { maxLength: 4 },
);

row(
  {
    area: 'Parsers',
    harm: 'archives of backups that climb, hold links and devices, are cut, or are no archive',
    holds: 'they are refused, and where they would be restored, and around it, there is nothing',
    isChosen: true,
  },
  async () => {
    const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
    await fc.assert(
      fc.asyncProperty(entries, fc.option(fc.nat(400), { nil: undefined }), async (held, length) => {
        const folder = await mkdtemp(path.join(tmpdir(), 'gh-parsers-'));
        try {
          const [archive, outer] = [path.join(folder, 'backup'), path.join(folder, 'outer')];
          await mkdir(outer);
          await writeFile(archive, gzipSync(tarOf(held)).subarray(0, length));
          const refused = await restoreBackup(archive, path.join(outer, 'data'), sealer).catch(
            (error: unknown) => error,
          );
          expect(isGatehouseError(refused, 'invalid_request'), String(refused)).toBe(true);
          expect(String(refused)).not.toContain(folder);
          expect(await readdir(outer)).toEqual([]);
          expect((await readdir(folder)).sort()).toEqual(['backup', 'outer']);
          expect((await lstat(outer)).mode & 0o7777).toBe(0o755);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      numRuns(30, 1500),
    );
  },
);
