import type { TerraformChange } from './read-plan.ts';

/** One attribute that changes, at its full path, such as `tags["Name"]` or `ingress[0].from_port`. */
export type AttributeDiff = {
  path: string;
  /** As terraform would write it; undefined: there is none on this side. */
  before: string | undefined;
  after: string | undefined;
  forcesReplacement: boolean;
};

type Step = string | number;

export const sensitiveWord = '(sensitive)';
export const unknownWord = '(known after apply)';

/** A longer value is cut: a policy of a megabyte would hide the other attributes. */
const maxValueLength = 4_000;

/** What changes in one resource or output, in the order of its attributes. Sensitive values never leave this file. */
export function attributeDiffs(change: TerraformChange): AttributeDiff[] {
  const sides: Sides = {
    before: change.before,
    after: change.after,
    unknown: change.after_unknown,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
  };
  const replacePaths = (change.replace_paths ?? []).map((path) => pathText(path));
  const found: Omit<AttributeDiff, 'forcesReplacement'>[] = [];
  walk([], sides, found);
  return found.map((diff) => ({
    ...diff,
    forcesReplacement: replacePaths.some((path) => diff.path === path || isInside(diff.path, path)),
  }));
}

/** `unknown` and the `sensitive` ones mirror the value's shape, with `true` where it holds for all below. */
type Sides = {
  before: unknown;
  after: unknown;
  unknown: unknown;
  beforeSensitive: unknown;
  afterSensitive: unknown;
};

function walk(path: readonly Step[], sides: Sides, found: Omit<AttributeDiff, 'forcesReplacement'>[]): void {
  const isLeaf =
    sides.unknown === true || sides.beforeSensitive === true || sides.afterSensitive === true || !isNested(sides);
  if (!isLeaf) {
    for (const step of stepsInto(sides)) walk([...path, step], below(sides, step), found);
    return;
  }
  if (sides.unknown !== true && isSame(sides.before, sides.after)) return;
  found.push({
    path: pathText(path),
    before: valueText(sides.before, sides.beforeSensitive === true),
    after: sides.unknown === true ? unknownWord : valueText(sides.after, sides.afterSensitive === true),
  });
}

/** Both sides, as far as they are there, are objects, or both are lists. */
function isNested({ before, after, unknown }: Sides): boolean {
  const there = [before, after].filter((side) => side !== null && side !== undefined);
  // A new resource whose every attribute is unknown has only the mirror to walk.
  if (there.length === 0) return isObject(unknown) || Array.isArray(unknown);
  return there.every(isObject) || there.every(Array.isArray);
}

function stepsInto({ before, after, unknown }: Sides): Step[] {
  const steps = new Set<Step>();
  for (const side of [before, after, unknown]) {
    if (Array.isArray(side)) for (const index of side.keys()) steps.add(index);
    else if (isObject(side)) for (const key of Object.keys(side).sort()) steps.add(key);
  }
  return [...steps];
}

function below(sides: Sides, step: Step): Sides {
  return {
    before: at(sides.before, step),
    after: at(sides.after, step),
    unknown: at(sides.unknown, step),
    beforeSensitive: at(sides.beforeSensitive, step),
    afterSensitive: at(sides.afterSensitive, step),
  };
}

function at(value: unknown, step: Step): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[String(step)] : undefined;
}

function valueText(value: unknown, isSensitive: boolean): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (isSensitive) return sensitiveWord;
  const text = JSON.stringify(value);
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}

function pathText(path: readonly Step[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (/^[A-Za-z_][\w-]*$/.test(step)) return text === '' ? step : `${text}.${step}`;
    return `${text}[${JSON.stringify(step)}]`;
  }, '');
}

function isInside(path: string, outer: string): boolean {
  return path.startsWith(outer) && (path[outer.length] === '.' || path[outer.length] === '[');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before ?? null) === JSON.stringify(after ?? null);
}
