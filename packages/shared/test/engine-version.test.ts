import { expect, test } from 'vitest';
import { isWantedVersion, parseWantedVersion, versionName, versionWords } from '../src/engine-version.ts';

test.each([
  ['latest', { engine: 'terraform', latest: true }],
  ['1.11.4', { engine: 'terraform', exact: '1.11.4' }],
  ['1.12.0-rc1', { engine: 'terraform', exact: '1.12.0-rc1' }],
  ['tofu-latest', { engine: 'tofu', latest: true }],
  ['tofu-1.9.0', { engine: 'tofu', exact: '1.9.0' }],
])('%s', (text, wanted) => {
  expect(parseWantedVersion(text)).toEqual(wanted);
});

test.each([
  ['~> 1.9.0', 'terraform'],
  ['>= 1.5, < 1.8', 'terraform'],
  ['1.11', 'terraform'],
  ['tofu-~> 1.9.0', 'tofu'],
  ['tofu->= 1.6', 'tofu'],
])('%s is a constraint', (text, engine) => {
  expect(parseWantedVersion(text)).toMatchObject({ engine, constraint: expect.any(Array) });
});

test.each([
  '',
  'tofu',
  'tofu-',
  'opentofu-1.9.0',
  'Latest',
  'newest',
  'terraform-1.9.0',
  '../1.9.0',
  `>= 1${', < 2'.repeat(40)}`,
])('%j may not be asked for', (text) => {
  expect(isWantedVersion(text)).toBe(false);
});

test('a release has one name to be asked by, and one for people', () => {
  expect(versionName({ engine: 'terraform', version: '1.11.4' })).toBe('1.11.4');
  expect(versionName({ engine: 'tofu', version: '1.9.0' })).toBe('tofu-1.9.0');
  expect(versionWords('tofu-~> 1.9')).toBe('OpenTofu ~> 1.9');
  expect(versionWords('1.11.4')).toBe('terraform 1.11.4');
});
