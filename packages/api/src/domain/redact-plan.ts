import { z } from 'zod';

/** What stands for a value that not everybody may see. */
export const sensitiveValue = '(sensitive value)';
/** The same on the side of `after` where it differs from `before`, so that a change stays to be seen. */
export const newSensitiveValue = '(new sensitive value)';

/** Shorter ones are words of every plan (`1`, `eu`): hiding them would hide the plan and tell what they are. */
const shortestHidden = 4;

const change = z.looseObject({
  before: z.unknown(),
  after: z.unknown(),
  before_sensitive: z.unknown(),
  after_sensitive: z.unknown(),
});
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
  const shown = shownPlan.parse(plan);
  const hidden = secrets.filter((secret) => secret.length >= shortestHidden).toSorted((a, b) => b.length - a.length);
  const redact = (one: z.infer<typeof change>) => redactChange(one, hidden);
  const resources = (all: z.infer<typeof resourceChanges>) =>
    all.map((one) => ({ ...one, change: redact(one.change) }));
  return {
    ...shown,
    ...(shown.resource_changes ? { resource_changes: resources(shown.resource_changes) } : {}),
    ...(shown.resource_drift ? { resource_drift: resources(shown.resource_drift) } : {}),
    ...(shown.output_changes
      ? {
          output_changes: Object.fromEntries(
            Object.entries(shown.output_changes).map(([name, one]) => [name, redact(one)]),
          ),
        }
      : {}),
  };
}

function redactChange(one: z.infer<typeof change>, hidden: readonly string[]): z.infer<typeof change> {
  const { before, after, before_sensitive: beforeMask, after_sensitive: afterMask } = one;
  return {
    ...one,
    before: redactValue(before, beforeMask, { hidden }),
    after: redactValue(after, afterMask, { hidden, before }),
    ...('generated_config' in one ? { generated_config: undefined } : {}),
  };
}

/** `before` is there for the side of `after`, whose sensitive values say whether they are new. */
function redactValue(value: unknown, mask: unknown, context: { hidden: readonly string[]; before?: unknown }): unknown {
  if (value === null || value === undefined) return value;
  if (mask === true) {
    const isNew = 'before' in context && JSON.stringify(context.before ?? null) !== JSON.stringify(value);
    return isNew && context.before !== undefined && context.before !== null ? newSensitiveValue : sensitiveValue;
  }
  const below = (key: string | number) =>
    'before' in context ? { hidden: context.hidden, before: at(context.before, key) } : { hidden: context.hidden };
  if (Array.isArray(value)) return value.map((item, index) => redactValue(item, at(mask, index), below(index)));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        hideIn(key, context.hidden),
        redactValue(item, at(mask, key), below(key)),
      ]),
    );
  }
  return typeof value === 'string' ? hideIn(value, context.hidden) : value;
}

function hideIn(text: string, hidden: readonly string[]): string {
  return hidden.reduce((rest, secret) => rest.replaceAll(secret, sensitiveValue), text);
}

function at(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
