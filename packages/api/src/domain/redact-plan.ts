import { z } from 'zod';

/** What stands for a value that not everybody may see. */
export const sensitiveValue = '(sensitive value)';
/** The same on the side of `after` where it differs from `before`, so that a change stays to be seen. */
export const newSensitiveValue = '(new sensitive value)';

/** Shorter ones are words of every plan (`1`, `eu`): hiding them would hide the plan and tell what they are. */
const shortestHidden = 4;

const change = z.looseObject({
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
});
type Change = z.infer<typeof change>;
const resourceChanges = z.array(z.looseObject({ change }));

/** Only what a page shows of a plan. State, configuration and variables are left out whole: secrets lie all over them. */
const shownPlan = z.object({
  format_version: z.string(),
  terraform_version: z.string(),
  resource_changes: resourceChanges.optional(),
  resource_drift: resourceChanges.optional(),
  output_changes: z.record(z.string(), change).optional(),
  timestamp: z.string().optional(),
  errored: z.boolean().optional(),
  applyable: z.boolean().optional(),
  complete: z.boolean().optional(),
});

/**
 * The plan (`terraform show -json`) without what terraform marks as sensitive and without the values of `secrets`, which
 * are found wherever they stand in a text. The marks stay. Throws zod's error when it is no plan.
 */
export function redactPlan(plan: unknown, secrets: readonly string[]): z.infer<typeof shownPlan> {
  const hidden = secrets.filter((secret) => secret.length >= shortestHidden).toSorted((a, b) => b.length - a.length);
  // First the texts, keys and addresses too; then what is marked, which may be a number or a whole object.
  const shown = shownPlan.parse(hideEverywhere(plan, hidden));
  const { resource_changes: changes, resource_drift: drift, output_changes: outputs } = shown;
  return {
    ...shown,
    ...(changes === undefined ? {} : { resource_changes: changes.map(redactResource) }),
    ...(drift === undefined ? {} : { resource_drift: drift.map(redactResource) }),
    ...(outputs === undefined ? {} : { output_changes: mapValues(outputs, redactChange) }),
  };
}

function redactResource<Resource extends { change: Change }>(resource: Resource): Resource {
  return { ...resource, change: redactChange(resource.change) };
}

function redactChange(one: Change): Change {
  const { before, after, before_sensitive: beforeMask, after_sensitive: afterMask } = one;
  return { ...one, before: redactValue(before, beforeMask), after: redactValue(after, afterMask, before) };
}

/** `former`: the other side, where `value` is that of `after`; it decides whether a sensitive value is new. */
function redactValue(value: unknown, mask: unknown, former?: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (mask === true) {
    const isNew = former !== null && former !== undefined && JSON.stringify(former) !== JSON.stringify(value);
    return isNew ? newSensitiveValue : sensitiveValue;
  }
  if (Array.isArray(value)) return value.map((item, index) => redactValue(item, at(mask, index), at(former, index)));
  if (!isObject(value)) return value;
  return mapValues(value, (item, key) => redactValue(item, at(mask, key), at(former, key)));
}

function hideEverywhere(value: unknown, hidden: readonly string[]): unknown {
  if (typeof value === 'string') return hideIn(value, hidden);
  if (Array.isArray(value)) return value.map((item) => hideEverywhere(item, hidden));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [hideIn(key, hidden), hideEverywhere(item, hidden)]),
  );
}

function hideIn(text: string, hidden: readonly string[]): string {
  return hidden.reduce((rest, secret) => rest.replaceAll(secret, sensitiveValue), text);
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
