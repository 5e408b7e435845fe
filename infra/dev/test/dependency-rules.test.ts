import { describe, expect, test } from 'vitest';
import {
  foreignLicenses,
  lockedPackages,
  ranges,
  unexplained,
  unjudgedScripts,
  unpinned,
} from '../src/dependency-rules.ts';

const checksum = `sha512-${'a'.repeat(86)}==`;
const lockfile = `lockfileVersion: '9.0'

packages:

  '@scope/well@1.0.0':
    resolution: {integrity: ${checksum}}
    engines: {node: '>=20'}

  from-git@2.0.0:
    resolution: {tarball: https://example.com/from-git.tgz}

  weak@3.0.0:
    resolution: {integrity: sha1-abc=}

snapshots:

  '@scope/well@1.0.0': {}
`;

describe('a lockfile', () => {
  test('is read whole', () => {
    expect(lockedPackages(lockfile).map(({ id }) => id)).toEqual(['@scope/well@1.0.0', 'from-git@2.0.0', 'weak@3.0.0']);
  });

  test('may hold only what the registry gave, by its checksum', () => {
    const told = unpinned(lockedPackages(lockfile));
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^from-git@2\.0\.0: .*tarball/);
    expect(told[1]).toMatch(/^weak@3\.0\.0: .*sha1/);
  });
});

test('a manifest asks for one version, never for a range', () => {
  const wants = {
    one: '1.2.3',
    two: 'catalog:',
    three: 'workspace:*',
    four: '^1.2.3',
    five: 'github:some/where',
    six: '*',
  };
  const told = ranges([{ file: 'package.json', wants }]);
  expect(told.map((line) => line.split(' ')[1])).toEqual(['four', 'five', 'six']);
});

test('an install script that nobody judged is told, with what to do', () => {
  const installed = ['judged', 'refused', 'new'].map((name) => ({
    id: `${name}@1.0.0`,
    name,
    license: 'MIT',
    hasInstallScript: true,
  }));
  expect(unjudgedScripts(installed, { judged: true, refused: false })).toEqual([
    expect.stringMatching(/^new@1\.0\.0 .*allowBuilds/),
  ]);
});

test.each([
  ['MIT', true],
  ['(MIT OR GPL-2.0)', true],
  ['MIT AND Apache-2.0', true],
  ['MIT AND AGPL-3.0', false],
  ['SSPL-1.0', false],
  ['none', false],
])('the license "%s" is accepted: %s', (license, isAccepted) => {
  const told = foreignLicenses([{ id: 'some@1.0.0', name: 'some', license, hasInstallScript: false }]);
  expect(told).toHaveLength(isAccepted ? 0 : 1);
});

test('the table of reasons names what is asked for, no more and no less', () => {
  const table = '| library | why |\n| --- | --- |\n| `fastify`, `@fastify/cookie` (13) | HTTP |\n| `gone` | once |\n';
  const wants = { fastify: '5.0.0', '@fastify/cookie': '1.0.0', unknown: '1.0.0', '@gatehouse/shared': 'workspace:*' };
  expect(unexplained([{ file: 'package.json', wants }], table)).toEqual([
    'unknown has no reason in the table',
    'gone is in the table, and nobody asks for it',
  ]);
});
