import { z } from 'zod';
import {
  cutDeep,
  type HiddenTexts,
  hiddenTexts,
  hideEverywhere,
  hideIn,
  newSensitiveValue,
  sensitiveValue,
} from './hide-texts.ts';

/** What stands for what: the words that a client branches on, and would not know what to do without. */
const structure = ['mode', 'type', 'provider_name', 'action_reason', 'actions'] as const;

const change = z.looseObject({
  actions: z.unknown().optional(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
});
type Change = z.infer<typeof change>;
const resourceChange = z.looseObject({
  change,
  mode: z.string().optional(),
  type: z.string().optional(),
  provider_name: z.string().optional(),
});
export type RedactedChange = z.infer<typeof resourceChange>;
const resourceChanges = z.array(resourceChange);

/** Only what a page, or the terraform CLI, shows of a plan. State, configuration and variables are left out whole: secrets lie all over them. */
const shownPlan = z.object({
  format_version: z.string(),
  terraform_version: z.string(),
  resource_changes: resourceChanges.optional(),
  resource_drift: resourceChanges.optional(),
  output_changes: z.record(z.string(), change).optional(),
  relevant_attributes: z.array(z.unknown()).optional(),
  timestamp: z.string().optional(),
  errored: z.boolean().optional(),
  applyable: z.boolean().optional(),
  complete: z.boolean().optional(),
});

/**
 * The plan (`terraform show -json`) without what terraform marks as sensitive and without the values of `secrets`, which
 * are found wherever they stand in a text, and as numbers. The marks stay. Throws zod's error when it is no plan.
 */
export function redactPlan(plan: unknown, secrets: readonly string[]): RedactedPlan {
  const hidden = hiddenTexts(secrets);
  const { resource_changes: changes, resource_drift: drift, output_changes: outputs, ...rest } = shownPlan.parse(plan);
  const relevant = rest.relevant_attributes?.map((attribute) => hideEverywhere(attribute, hidden));
  const redactResource = (resource: RedactedChange) => ({
    ...hideAround(resource, hidden),
    change: redactChange(resource.change, hidden),
  });
  return {
    ...rest,
    ...(changes === undefined ? {} : { resource_changes: changes.map(redactResource) }),
    ...(drift === undefined ? {} : { resource_drift: drift.map(redactResource) }),
    ...(outputs === undefined ? {} : { output_changes: redactOutputs(outputs, hidden) }),
    ...(relevant === undefined ? {} : { relevant_attributes: relevant }),
  };
}

export type RedactedPlan = z.infer<typeof shownPlan>;

function redactOutputs(outputs: Record<string, Change>, hidden: HiddenTexts): Record<string, Change> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [hideIn(name, hidden), redactChange(output, hidden)]),
  );
}

/** Hides in all of it but the structure, which is terraform's and says nothing of anybody's. */
function hideAround<Part extends object>(part: Part, hidden: HiddenTexts): Part {
  const kept = Object.entries(part).map(([name, value]) =>
    structure.some((word) => word === name) ? [name, value] : [name, hideEverywhere(value, hidden)],
  );
  // Object.fromEntries forgets the names; the texts in the values are other ones, and of the same type.
  return Object.fromEntries(kept) as Part;
}

/** First what is marked, which may be a number or a whole object: once their texts are hidden, two names may be one. */
function redactChange(one: Change, hidden: HiddenTexts): Change {
  const [before, after, beforeMask, afterMask] = [one.before, one.after, one.before_sensitive, one.after_sensitive].map(
    (part) => cutDeep(part),
  );
  const redacted = { before: redactValue(before, beforeMask), after: redactValue(after, afterMask, before) };
  return hideAround({ ...one, ...redacted }, hidden);
}

/** `former`: the other side, where `value` is that of `after`; it decides whether a sensitive value is new. */
function redactValue(value: unknown, mask: unknown, former?: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value) && Array.isArray(mask)) {
    return value.map((item, index) => redactValue(item, mask[index], at(former, index)));
  }
  if (isObject(value) && isObject(mask)) {
    return mapValues(value, (item, key) => redactValue(item, at(mask, key), at(former, key)));
  }
  if (!isMarked(mask)) return value;
  const isNew = former !== null && former !== undefined && JSON.stringify(former) !== JSON.stringify(value);
  return isNew ? newSensitiveValue : sensitiveValue;
}

/** Whether anything in it is marked: where a mask has another form than its value, nobody can say what. */
function isMarked(mask: unknown): boolean {
  if (mask === undefined || mask === null || mask === false) return false;
  return typeof mask !== 'object' || Object.values(mask).some(isMarked);
}

function mapValues<Value, Result>(
  values: Record<string, Value>,
  change: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}

function at(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
