import { z } from 'zod';
import { listOf, matchesWildcard } from './wildcard.ts';

// The `Condition` of IAM's policy language, for trust policies and identity policies alike. What cannot be evaluated is
// refused when the policy is given, because a condition that is silently skipped would open too wide.

/** What a request tells: lower-case condition key → its values. A key that the request does not carry is absent. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

type Comparison = (actual: string, wanted: string) => boolean;

const equals: Comparison = (actual, wanted) => actual === wanted;
const like: Comparison = (actual, wanted) => matchesWildcard(wanted, actual);
const before: Comparison = (actual, wanted) => Date.parse(actual) < Date.parse(wanted);

const comparisons: Record<string, Comparison> = {
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericLessThan: (actual, wanted) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (actual, wanted) => Number(actual) <= Number(wanted),
  StringEquals: equals,
  StringLike: like,
  DateLessThan: before,
};

/** Operators that hold when none of the values matches, and so also for a key that the request does not carry. */
const negations: Record<string, Comparison> = { StringNotEquals: equals, StringNotLike: like };

const plain = [...Object.keys(comparisons), ...Object.keys(negations)];
// A key of many values (aws:TagKeys) needs one of these: which of its values must match.
const setOperators = ['ForAllValues:', 'ForAnyValue:'].flatMap((set) =>
  ['StringEquals', 'StringLike'].map((operator) => `${set}${operator}`),
);
const operators = ['Null', ...plain, ...plain.map((operator) => `${operator}IfExists`), ...setOperators];

const wantedSchema = z.union([z.string(), z.boolean(), z.number(), z.array(z.string()).min(1)]);

/** Accepts the operators above over the keys that `isKey` knows; it is asked in lower case. */
export function conditionSchema(isKey: (key: string) => boolean) {
  return z.record(z.string(), z.record(z.string(), wantedSchema)).superRefine((condition, context) => {
    for (const [operator, block] of Object.entries(condition)) {
      if (!operators.includes(operator)) {
        context.addIssue({ code: 'custom', path: [operator], message: `operator ${operator} is not emulated` });
      }
      for (const [key, wanted] of Object.entries(block)) {
        const path = [operator, key];
        if (!isKey(key.toLowerCase())) {
          context.addIssue({ code: 'custom', path, message: `condition key ${key} is not emulated` });
        }
        if (operator.startsWith('Date') && !listOf(wanted).every((date) => !Number.isNaN(Date.parse(String(date))))) {
          context.addIssue({ code: 'custom', path, message: 'must be a date such as 2026-01-31T12:00:00Z' });
        }
      }
    }
  });
}

export type Condition = z.output<ReturnType<typeof conditionSchema>>;

/** Every operator of every key must hold; among the values that one operator names, one suffices. */
export function meetsCondition(condition: Condition | undefined, context: ConditionContext): boolean {
  return Object.entries(condition ?? {}).every(([operator, block]) =>
    Object.entries(block).every(([key, wanted]) =>
      holds(operator, context.get(key.toLowerCase()) ?? [], listOf(wanted).map(String)),
    ),
  );
}

function holds(operator: string, actual: readonly string[], wanted: string[]): boolean {
  if (operator === 'Null') return wanted.includes(String(actual.length === 0));
  const [set, name] = operator.includes(':') ? operator.split(':') : ['', operator.replace(/IfExists$/, '')];
  const comparison = comparisons[name ?? ''];
  const matches = (value: string) => wanted.some((one) => comparison?.(value, one) ?? false);
  // An empty set passes: AWS warns of it, and a Null condition is its remedy.
  if (set === 'ForAllValues') return actual.every(matches);
  if (set === 'ForAnyValue') return actual.some(matches);
  const negation = negations[name ?? ''];
  if (negation !== undefined) return !actual.some((value) => wanted.some((one) => negation(value, one)));
  if (actual.length === 0) return operator.endsWith('IfExists');
  return actual.some(matches);
}
