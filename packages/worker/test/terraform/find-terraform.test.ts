import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTerraformFinder, type TerraformSources } from '../../src/terraform/find-terraform.ts';

let folder: string;
/** Scripts that answer as terraform does, to have versions that this machine has not. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghv-'));
  for (const [place, version] of [
    ['versions/1.9.8', '1.9.8'],
    ['versions/1.10.0', '1.10.0'],
    ['bin', '1.11.4'],
  ] as const) {
    const file = path.join(folder, place, 'terraform');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`);
    await chmod(file, 0o755);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const findTerraform = (from: TerraformSources, wanted: string) => createTerraformFinder(from)(wanted);

const sources = (more = {}) => ({
  versionsDir: path.join(folder, 'versions'),
  searchPath: `/nowhere:${folder}/bin`,
  ...more,
});

test.each([
  ['1.9.8', '1.9.8', 'versions/1.9.8/terraform'],
  ['1.11.4', '1.11.4', 'bin/terraform'],
  ['latest', '1.11.4', 'bin/terraform'],
])('%s is found', async (wanted, version, place) => {
  expect(await findTerraform(sources(), wanted)).toEqual({ found: { version, binary: path.join(folder, place) } });
});

test('latest without a terraform on PATH is the highest of the folder, by number', async () => {
  expect(await findTerraform(sources({ searchPath: '' }), 'latest')).toMatchObject({ found: { version: '1.10.0' } });
});

test('a missing version is answered with those that are there', async () => {
  expect(await findTerraform(sources(), '0.12.0')).toEqual({
    missing: 'The workspace asks for terraform 0.12.0; this worker has terraform 1.10.0, 1.9.8, 1.11.4.',
  });
  expect(await findTerraform({ versionsDir: undefined, searchPath: '' }, 'latest')).toEqual({
    missing: 'The workspace asks for terraform latest; this worker has no terraform at all.',
  });
});

test('a version cannot lead out of the folder', async () => {
  expect(await findTerraform(sources(), '../bin')).toHaveProperty('missing');
});
