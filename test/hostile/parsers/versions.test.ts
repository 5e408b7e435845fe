import { isWantedVersion, parseWantedVersion } from '@gatehouse/shared/engine-version';
import { compareVersions, fitsConstraint, isExactVersion, parseConstraint } from '@gatehouse/shared/version-constraint';
import fc from 'fast-check';
import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });

type Version = { numbers: [number, number, number]; words: string[] };
type Clause = Version & { operator: '' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '~>'; given: number; gaps: string[] };

// Few numbers, so that versions meet.
const small = fc.constantFrom(0, 1, 2, 9, 10);
const word = fc.constantFrom(
  'alpha',
  'beta',
  'rc1',
  '0',
  '1',
  '2',
  '10',
  '9007199254740992',
  '9007199254740993',
  '1a',
  '-',
);
const version: fc.Arbitrary<Version> = fc.record({
  numbers: fc.tuple(small, small, small),
  words: fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.array(word, { minLength: 1, maxLength: 3 }) },
  ),
});
const clause: fc.Arbitrary<Clause> = fc.record({
  numbers: fc.tuple(small, small, small),
  words: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.array(word, { minLength: 1, maxLength: 2 }) },
  ),
  operator: fc.constantFrom('', '=', '!=', '<', '<=', '>', '>=', '~>'),
  given: fc.integer({ min: 1, max: 3 }),
  gaps: fc.array(fc.constantFrom('', ' ', '  ', '\t'), { minLength: 3, maxLength: 3 }),
});

const written = ({ numbers, words }: Version, given = 3) =>
  numbers.slice(0, given).join('.') + (words.length === 0 ? '' : `-${words.join('.')}`);
const writtenClause = (one: Clause) =>
  `${one.gaps[0]}${one.operator}${one.gaps[1]}${written(one, one.given)}${one.gaps[2]}`;

/** SemVer 2.0, rule 11. */
function order(one: Version, other: Version): number {
  for (const [index, number] of one.numbers.entries()) {
    if (number !== other.numbers[index]) return number - (other.numbers[index] ?? 0);
  }
  if (one.words.length === 0 || other.words.length === 0) return other.words.length - one.words.length;
  for (let index = 0; ; index++) {
    const [left, right] = [one.words[index], other.words[index]];
    if (left === right && left === undefined) return 0;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (left === right) continue;
    const [isNumber, isOther] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isNumber !== isOther) return isNumber ? -1 : 1;
    if (isNumber) return BigInt(left) < BigInt(right) ? -1 : 1;
    return left < right ? -1 : 1;
  }
}

/** As go-version's constraint.go has it, but for `!=`, which there lets every prerelease through. */
function fits(one: Version, wanted: Clause): boolean {
  const least: Version = { numbers: padded(wanted), words: wanted.words };
  const difference = order(one, least);
  if (wanted.operator === '' || wanted.operator === '=') return difference === 0;
  const isSame = one.numbers.every((number, index) => number === least.numbers[index]);
  if (one.words.length > 0 && !(wanted.words.length > 0 && isSame)) return false;
  if (wanted.operator === '~>') {
    if (wanted.words.length > 0 && one.words.length === 0) return false;
    return (
      difference >= 0 &&
      one.numbers.slice(0, wanted.given - 1).every((number, index) => number === least.numbers[index])
    );
  }
  const isBelow = difference < 0;
  const holds = { '!=': difference !== 0, '<': isBelow, '>=': !isBelow, '>': difference > 0, '<=': difference <= 0 };
  return holds[wanted.operator];
}

function padded({ numbers, given }: Clause): [number, number, number] {
  const at = (index: number) => (index < given ? (numbers[index] ?? 0) : 0);
  return [at(0), at(1), at(2)];
}

row(
  {
    area: 'Parsers',
    harm: 'version constraints of every operator, with parts left out, prereleases, long numbers and blanks',
    holds: 'a release fits exactly where a model of go-version says so, and sorting is the order of SemVer',
    isChosen: true,
  },
  () => {
    fc.assert(
      fc.property(version, fc.array(clause, { minLength: 1, maxLength: 3 }), (one, clauses) => {
        const parsed = parseConstraint(clauses.map(writtenClause).join(','));
        expect(parsed && fitsConstraint(written(one), parsed)).toBe(clauses.every((wanted) => fits(one, wanted)));
      }),
      numRuns(3000, 80_000),
    );
    fc.assert(
      fc.property(version, version, (one, other) => {
        expect(Math.sign(compareVersions(written(one), written(other)))).toBe(Math.sign(order(one, other)));
      }),
      numRuns(1500, 40_000),
    );
    // Numbers that a double cannot tell apart.
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 38n }), fc.bigInt({ min: -1n, max: 1n }), (number, more) => {
        const [one, other] = [`1.0.0-${number}`, `1.0.0-${number + 1n + more}`];
        expect([compareVersions(one, other) < 0, compareVersions(other, one) > 0]).toEqual([more >= 0n, more >= 0n]);
        expect(fitsConstraint(one, parseConstraint(other) ?? [])).toBe(one === other);
      }),
      numRuns(200, 5_000),
    );
  },
);

const piece = fc.constantFrom(
  '1',
  '.',
  '-',
  ' ',
  '~>',
  '=',
  '<',
  '>',
  '!',
  ',',
  '01',
  '9'.repeat(30),
  'x',
  '\n',
  '\0',
  '+',
  '*',
  'v',
  '１',
  'latest',
  'tofu-',
);

row(
  {
    area: 'Parsers',
    harm: 'texts that are nearly versions or constraints: marks and numbers in any order, of other scripts, with line ends and NUL',
    holds:
      'what is taken as a version is written in digits and dots, and fits itself; all else is refused without an error',
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        (text) => {
          const wanted = parseWantedVersion(text);
          expect(isWantedVersion(text)).toBe(wanted !== undefined);
          if (wanted === undefined) return;
          expect(text).toMatch(/^[\d.,<>=!~ \n\tA-Za-z-]*$/);
          if (!('exact' in wanted)) return;
          expect(wanted.exact).toMatch(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
          expect(isExactVersion(wanted.exact)).toBe(true);
          expect(fitsConstraint(wanted.exact, parseConstraint(wanted.exact) ?? [])).toBe(true);
        },
      ),
      numRuns(2000, 60_000),
    ),
);
