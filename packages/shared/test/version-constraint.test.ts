import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  fitsConstraint,
  isExactVersion,
  isPrerelease,
  parseConstraint,
} from '../src/version-constraint.ts';

function fits(version: string, text: string): boolean {
  const constraint = parseConstraint(text);
  if (constraint === undefined) throw new Error(`"${text}" is no constraint.`);
  return fitsConstraint(version, constraint);
}

describe('a constraint', () => {
  // Text → versions that fit, versions that do not.
  test.each([
    ['1.9.8', ['1.9.8'], ['1.9.7', '1.9.9', '1.9.8-rc1']],
    ['= 1.9.8', ['1.9.8'], ['1.9.9']],
    ['1.9', ['1.9.0'], ['1.9.8', '1.10.0']],
    ['!= 1.9.8', ['1.9.7', '1.10.0'], ['1.9.8', '1.9.9-alpha20240101']],
    ['> 1.9.8', ['1.9.9', '1.10.0', '2.0.0'], ['1.9.8', '1.9.7', '1.10.0-rc1']],
    ['>= 1.9.8', ['1.9.8', '1.10.0'], ['1.9.7', '1.10.0-rc1']],
    ['< 1.9.8', ['1.9.7', '0.12.31'], ['1.9.8', '1.9.8-rc1', '1.10.0']],
    ['<= 1.9.8', ['1.9.8', '1.9.7'], ['1.9.9']],
    ['~> 1.9.5', ['1.9.5', '1.9.11'], ['1.9.4', '1.10.0']],
    ['~> 1.9', ['1.9.0', '1.11.4'], ['1.8.9', '2.0.0']],
    ['~> 1', ['1.0.0', '2.3.4'], ['0.15.5']],
    ['>= 1.5, < 1.8', ['1.5.0', '1.7.5'], ['1.4.9', '1.8.0']],
    ['>=1.5,<1.8,!=1.7.5', ['1.7.4'], ['1.7.5']],
    [' ~>  1.9.0 ', ['1.9.1'], ['1.10.0']],
    ['>= 1.10.0-rc1', ['1.10.0-rc1', '1.10.0-rc2', '1.10.0', '1.11.4'], ['1.10.0-beta1', '1.11.0-rc1']],
    ['~> 1.10.0-rc1', ['1.10.0-rc1', '1.10.0-rc2'], ['1.10.0', '1.10.1']],
    ['> 1.5, > 1.6, < 1.4', [], ['1.3.0', '1.5.5', '1.7.0']],
  ])('%s', (text, fitting, others) => {
    expect(fitting.filter((version) => !fits(version, text))).toEqual([]);
    expect(others.filter((version) => fits(version, text))).toEqual([]);
  });

  test.each([
    '',
    ' ',
    ',',
    '1.9.0,',
    'latest',
    '~>',
    '=> 1.9',
    '~> 1.x',
    '^1.9',
    '1.2.3.4',
    '>= 1.5 < 1.8',
    '1.9.0 || 1.8.0',
    'v1.9.0',
    '1.9.0-',
    '../1.9.0',
    '1.9.0\n; rm',
  ])('%j is none', (text) => {
    expect(parseConstraint(text)).toBeUndefined();
  });

  test('fits nothing that is no version', () => {
    expect(fits('../bin', '>= 0.0.1')).toBe(false);
  });
});

test.each(['1.11.4', '0.12.31', '1.12.0-alpha20250213', '1.10.0-rc.1'])('%s is an exact version', (text) => {
  expect(isExactVersion(text)).toBe(true);
});

test.each(['1.11', 'latest', '1.11.4/..', '..', '1.11.4 ', '1.11.4-', '1.11.4-a/b', '1.11.4+ent'])(
  '%j is no exact version',
  (text) => {
    expect(isExactVersion(text)).toBe(false);
  },
);

test('versions sort by number, prereleases before their release', () => {
  const sorted = [
    'junk',
    '0.9.9',
    '1.9.8',
    '1.10.0-alpha1',
    '1.10.0-rc.2',
    '1.10.0-rc.10',
    '1.10.0-rc.x',
    '1.10.0',
    '1.11.4',
  ];
  expect(sorted.toReversed().toSorted(compareVersions)).toEqual(sorted);
  expect(compareVersions('1.9.0', '1.9.0')).toBe(0);
  expect(sorted.filter(isPrerelease)).toHaveLength(4);
});
