import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Engine } from '@gatehouse/shared/engine-version';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTerraformFinder, type TerraformSources } from '../../src/terraform/find-terraform.ts';
import type { Releases } from '../../src/terraform/releases/releases.ts';
import { programScript, writeProgram } from '../surroundings/release-server.ts';

let folder: string;
/** Scripts that answer as terraform does, to have versions that this machine has not. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghv-'));
  for (const [place, version] of [
    ['versions/1.9.8/terraform', '1.9.8'],
    ['versions/1.10.0/terraform', '1.10.0'],
    ['versions/1.9.1/tofu', '1.9.1'],
    ['versions/1.10.0/tofu', '1.10.0'],
    ['bin/terraform', '1.11.4'],
    ['bin/tofu', '1.8.0'],
  ] as const) {
    await writeProgram(path.join(folder, place), programScript(version));
  }
});
afterAll(() => rm(folder, { recursive: true }));

const findTerraform = (from: TerraformSources, wanted: string) => createTerraformFinder(from)(wanted);

const sources = (more = {}) => ({
  versionsDir: path.join(folder, 'versions'),
  searchPath: `/nowhere:${folder}/bin`,
  ...more,
});
const nowhere = { versionsDir: undefined, searchPath: '' };

test.each<[string, Engine, string, string]>([
  ['1.9.8', 'terraform', '1.9.8', 'versions/1.9.8/terraform'],
  ['1.11.4', 'terraform', '1.11.4', 'bin/terraform'],
  ['latest', 'terraform', '1.11.4', 'bin/terraform'],
  ['~> 1.9.0', 'terraform', '1.9.8', 'versions/1.9.8/terraform'],
  ['>= 1.9, < 1.11', 'terraform', '1.10.0', 'versions/1.10.0/terraform'],
  ['>= 1.9', 'terraform', '1.11.4', 'bin/terraform'],
  ['1.10', 'terraform', '1.10.0', 'versions/1.10.0/terraform'],
  ['tofu-1.9.1', 'tofu', '1.9.1', 'versions/1.9.1/tofu'],
  ['tofu-1.8.0', 'tofu', '1.8.0', 'bin/tofu'],
  ['tofu-latest', 'tofu', '1.8.0', 'bin/tofu'],
  ['tofu->= 1.6', 'tofu', '1.10.0', 'versions/1.10.0/tofu'],
])('%s is found', async (wanted, engine, version, place) => {
  expect(await findTerraform(sources(), wanted)).toEqual({
    found: { engine, version, binary: path.join(folder, place) },
  });
});

test('a program that did not answer once is asked again', async () => {
  const bin = path.join(folder, 'slow-bin');
  const answer = programScript('1.12.1').replace(
    '#!/bin/sh\n',
    '#!/bin/sh\n[ -e "$0.asked" ] || { : >"$0.asked"; exit 1; }\n',
  );
  await writeProgram(path.join(bin, 'terraform'), answer);
  const find = createTerraformFinder({ versionsDir: undefined, searchPath: bin });
  expect(await find('1.12.1')).toHaveProperty('missing');
  expect(await find('1.12.1')).toMatchObject({ found: { version: '1.12.1' } });
});

test('latest without a terraform on PATH is the highest of the folder, by number', async () => {
  expect(await findTerraform(sources({ searchPath: '' }), 'latest')).toMatchObject({ found: { version: '1.10.0' } });
});

test.each([
  ['0.12.0', 'The workspace asks for terraform 0.12.0; this worker has terraform 1.11.4, 1.10.0, 1.9.8.'],
  ['~> 0.12', 'The workspace asks for terraform ~> 0.12; this worker has terraform 1.11.4, 1.10.0, 1.9.8.'],
  ['tofu-1.7.0', 'The workspace asks for tofu-1.7.0; this worker has OpenTofu 1.10.0, 1.9.1, 1.8.0.'],
])('%s is not here, and the answer is what is', async (wanted, missing) => {
  expect(await findTerraform(sources(), wanted)).toEqual({ missing });
});

test('a worker that has nothing says so', async () => {
  expect(await findTerraform(nowhere, 'latest')).toEqual({
    missing: 'The workspace asks for terraform latest; this worker has no terraform at all.',
  });
  expect(await findTerraform(nowhere, 'tofu-latest')).toEqual({
    missing: 'The workspace asks for tofu-latest; this worker has no OpenTofu at all.',
  });
});

test('a version cannot lead out of the folder', async () => {
  expect(await findTerraform(sources(), '../bin')).toHaveProperty('missing');
});

describe('with releases to fetch', () => {
  const place = 'https://releases.example';

  /** What the server lists; what was fetched before. Answers with the versions that were fetched now. */
  function withReleases({ listed = ['1.9.11', '1.10.5', '1.12.0', '1.13.0-rc1'], cached = [] as string[] } = {}) {
    const fetched: string[] = [];
    const said: string[] = [];
    const releases: Releases = {
      place,
      cached: async () => cached,
      find: async (version) => (cached.includes(version) ? `/cache/${version}/terraform` : undefined),
      listed: async () => {
        if (listed.length === 0) throw new GatehouseError('unavailable', 'The list cannot be read.');
        return listed;
      },
      async fetch(version) {
        if (!listed.includes(version)) throw new GatehouseError('not_found', `There is no ${version}.`);
        fetched.push(version);
        return `/fetched/${version}/terraform`;
      },
    };
    const find = (wanted: string, from: TerraformSources = sources()) =>
      createTerraformFinder(from, { terraform: releases })(wanted, {
        say: (sentence) => said.push(sentence),
        signal: undefined,
      });
    return { find, fetched, said };
  }

  test.each([
    ['1.9.8', 'is in the folder', []],
    ['1.11.4', 'is on PATH', []],
    ['latest', 'is what the worker has', []],
    ['~> 1.11.0', 'is had in its highest already', []],
    ['1.10.5', 'is fetched', ['1.10.5']],
    ['~> 1.9.0', 'is fetched where the highest is elsewhere', ['1.9.11']],
    ['>= 1.9', 'is fetched in its highest, prereleases left out', ['1.12.0']],
    ['~> 1.13.0-rc1', 'is a prerelease where it is named', ['1.13.0-rc1']],
  ])('%s %s', async (wanted, _how, versions) => {
    const { find, fetched } = withReleases();
    expect(await find(wanted)).toHaveProperty('found');
    expect(fetched).toEqual(versions);
  });

  test('a worker with nothing of its own takes the newest release for latest', async () => {
    const { find, fetched } = withReleases();
    expect(await find('latest', nowhere)).toMatchObject({ found: { version: '1.12.0' } });
    expect(fetched).toEqual(['1.12.0']);
  });

  test('what was fetched before is not fetched again', async () => {
    const { find, fetched } = withReleases({ cached: ['1.10.5'] });
    const found = { engine: 'terraform', version: '1.10.5', binary: '/cache/1.10.5/terraform' };
    expect(await find('1.10.5')).toEqual({ found });
    expect(await find('~> 1.10.0')).toEqual({ found });
    expect(fetched).toEqual([]);
  });

  test('without the list, a constraint takes what is here, and that is said', async () => {
    const { find, said } = withReleases({ listed: [], cached: ['1.10.5'] });
    expect(await find('~> 1.10.0')).toMatchObject({ found: { version: '1.10.5' } });
    expect(await find('~> 1.9.0')).toMatchObject({ found: { version: '1.9.8' } });
    expect(said[0]).toBe('The list cannot be read. Only what this worker has already is looked through.');
  });

  test('what the server does not have is answered in its words', async () => {
    expect(await withReleases().find('1.99.0')).toEqual({ missing: 'There is no 1.99.0.' });
    expect(await withReleases().find('~> 2.0')).toEqual({
      missing: `The workspace asks for terraform ~> 2.0; this worker has terraform 1.11.4, 1.10.0, 1.9.8, and ${place} lists none that fits.`,
    });
  });

  test('releases of one engine are no releases of the other', async () => {
    expect(await withReleases().find('tofu-1.12.0')).toEqual({
      missing: 'The workspace asks for tofu-1.12.0; this worker has OpenTofu 1.10.0, 1.9.1, 1.8.0.',
    });
  });
});
