/**
 * Which of several variables of one name holds in a run: the rule of the TFE API's variable sets, with an
 * organization's variables below all of them. The api pins by it, and the page shows by it.
 */
export type VariableOrigin =
  /** Given with the run itself, as by `terraform plan -var`. */
  { kind: 'run' } | { kind: 'workspace' } | { kind: 'organization' } | VariableSetOrigin;

export type VariableSetOrigin = { kind: 'set'; name: string; reach: SetReach; isPriority: boolean };

/** Where a set holds: in every workspace of its organization, or in those that it was applied to. */
export type SetReach = 'global' | 'workspace';

type Level = Exclude<VariableOrigin['kind'], 'set'> | `${'priority ' | ''}${SetReach} set`;

/** Among priority sets the farthest reach wins, since nobody nearer may undo it; among the others the nearest does. */
const strongestFirst: readonly Level[] = [
  'priority global set',
  'priority workspace set',
  'run',
  'workspace',
  'workspace set',
  'global set',
  'organization',
];

export type NamedVariable = { key: string; category: string; origin: VariableOrigin };

/** For `sort`: negative when `one` wins over `other`. Sets of one level stand in the lexical order of their names. */
export function compareStrength(one: VariableOrigin, other: VariableOrigin): number {
  const levels = strongestFirst.indexOf(levelOf(one)) - strongestFirst.indexOf(levelOf(other));
  if (levels !== 0 || one.kind !== 'set' || other.kind !== 'set') return levels;
  return compareCodePoints(one.name, other.name);
}

/** Of each name and category the one that holds, in the order of these. */
export function holdingVariables<Variable extends NamedVariable>(variables: readonly Variable[]): Variable[] {
  const byName = new Map<string, Variable>();
  for (const variable of variables.toSorted((one, other) => compareStrength(one.origin, other.origin))) {
    const name = nameOf(variable);
    if (!byName.has(name)) byName.set(name, variable);
  }
  return [...byName].toSorted(([one], [other]) => compareCodePoints(one, other)).map(([, variable]) => variable);
}

/** Equal where two variables are in each other's way. */
export function nameOf({ category, key }: Pick<NamedVariable, 'category' | 'key'>): string {
  return `${category}/${key}`;
}

function levelOf(origin: VariableOrigin): Level {
  if (origin.kind !== 'set') return origin.kind;
  return `${origin.isPriority ? 'priority ' : ''}${origin.reach} set`;
}

/** As TFE sorts names: by code point, not by the locale, nor by the UTF-16 units that `<` looks at. */
function compareCodePoints(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  for (const [index, character] of left.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
