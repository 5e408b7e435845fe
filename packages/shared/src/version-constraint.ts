// Versions and constraints in the syntax of HashiCorp's go-version, which terraform's `required_version` and the
// clients of `terraform-version` use. Not npm's: there "~> 1.9" would mean 1.9.x, here it means 1.9 up to below 2.

/** Three numbers, perhaps a prerelease: what terraform and OpenTofu call their releases. */
const exact = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:-([0-9A-Za-z-]{1,40}(?:\.[0-9A-Za-z-]{1,40}){0,4}))?$/;
const clause =
  /^(<=|>=|!=|~>|<|>|=|)\s*(\d{1,6}(?:\.\d{1,6}){0,2})(?:-([0-9A-Za-z-]{1,40}(?:\.[0-9A-Za-z-]{1,40}){0,4}))?$/;

type Version = { numbers: readonly [number, number, number]; prerelease: string };
type Operator = '<=' | '>=' | '!=' | '~>' | '<' | '>' | '=';
type Clause = Version & { operator: Operator; given: number };

export type VersionConstraint = readonly Clause[];

export function isExactVersion(text: string): boolean {
  return exact.test(text);
}

/** Comma-separated clauses that must all hold; undefined when the text is none. A bare version means `=`. */
export function parseConstraint(text: string): VersionConstraint | undefined {
  const clauses = text.split(',').map(parseClause);
  return clauses.every((found) => found !== undefined) ? clauses : undefined;
}

/** False for a text that is no exact version. A prerelease fits only a constraint that names one of the same version. */
export function fitsConstraint(version: string, constraint: VersionConstraint): boolean {
  const parsed = parseExact(version);
  return parsed !== undefined && constraint.every((each) => fitsClause(parsed, each));
}

/** Below zero when `one` is older. Texts that are no exact versions sort as the oldest. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [parseExact(one), parseExact(other)];
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compare(left, right);
}

export function isPrerelease(version: string): boolean {
  return (parseExact(version)?.prerelease ?? '') !== '';
}

function parseExact(text: string): Version | undefined {
  const [, major, minor, patch, prerelease = ''] = exact.exec(text) ?? [];
  if (major === undefined) return undefined;
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease };
}

function parseClause(text: string): Clause | undefined {
  const [, operator, release, prerelease = ''] = clause.exec(text.trim()) ?? [];
  if (operator === undefined || release === undefined) return undefined;
  const [major = 0, minor = 0, patch = 0, ...rest] = release.split('.').map(Number);
  const given = release.split('.').length;
  if (rest.length > 0) return undefined;
  // The pattern lets nothing else through.
  return { operator: (operator || '=') as Operator, numbers: [major, minor, patch], prerelease, given };
}

function fitsClause(version: Version, wanted: Clause): boolean {
  const order = compare(version, wanted);
  if (wanted.operator === '=') return order === 0;
  if (!prereleaseFits(version, wanted)) return false;
  switch (wanted.operator) {
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '~>':
      return order >= 0 && isPessimisticMatch(version, wanted);
    default:
      return wanted.operator satisfies never;
  }
}

/** The last number that was given may grow, those before it may not. */
function isPessimisticMatch(version: Version, wanted: Clause): boolean {
  if (wanted.prerelease !== '' && version.prerelease === '') return false;
  return wanted.numbers.slice(0, wanted.given - 1).every((number, index) => version.numbers[index] === number);
}

/** As go-version has it, and for `!=` as well, which there lets every prerelease through. */
function prereleaseFits(version: Version, wanted: Version): boolean {
  if (version.prerelease === '') return true;
  return wanted.prerelease !== '' && compareNumbers(version, wanted) === 0;
}

function compare(one: Version, other: Version): number {
  return compareNumbers(one, other) || comparePrereleases(one.prerelease, other.prerelease);
}

function compareNumbers(one: Version, other: Version): number {
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** SemVer 2.0, rule 11: a release is newer than its prereleases; numbers by value and below words; more parts are newer. */
function comparePrereleases(one: string, other: string): number {
  if (one === other) return 0;
  if (one === '' || other === '') return one === '' ? 1 : -1;
  const [left, right] = [one.split('.'), other.split('.')];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = compareParts(left[index], right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareParts(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  // Longer ones than a Number can tell apart are numbers, too.
  if (isNumber && isOtherNumber) return Number(BigInt(one) > BigInt(other)) - Number(BigInt(one) < BigInt(other));
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return one < other ? -1 : Number(one > other);
}
