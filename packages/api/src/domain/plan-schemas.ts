import type { ProviderSchemas } from '@gatehouse/shared/worker-api';
import type { RedactedChange, RedactedPlan } from './redact-plan.ts';

/** What the terraform CLI draws a plan from (jsonformat.Plan): the plan, and a schema for whatever it speaks of. */
export type DrawablePlan = RedactedPlan & {
  plan_format_version: string;
  provider_format_version: string;
  provider_schemas: ProviderSchemas['provider_schemas'];
};

/** Of the schemas that we make up. */
const ownFormatVersion = '1.0';

/**
 * The CLI crashes over a type without a schema (jsonformat/plan.go, getSchema). Where the worker sent none, the one that
 * is made up has all attributes at hand, each of a dynamic type: terraform draws that by what the values are.
 */
export function drawablePlan(plan: RedactedPlan, stored: ProviderSchemas | undefined): DrawablePlan {
  const schemas = structuredClone(stored?.provider_schemas ?? {});
  const changes = [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])];
  for (const ofOneType of Map.groupBy(changes, typeKey).values()) {
    const { mode, type = '', provider_name: provider = '' } = ofOneType[0] ?? {};
    const kind = mode === 'data' ? 'data_source_schemas' : 'resource_schemas';
    const ofProvider = schemas[provider] ?? {};
    const schema = ofProvider[kind]?.[type] ?? madeUpSchema(ofOneType);
    schemas[provider] = { ...ofProvider, [kind]: { ...ofProvider[kind], [type]: schema } };
  }
  return {
    ...plan,
    plan_format_version: plan.format_version,
    provider_format_version: stored?.format_version ?? ownFormatVersion,
    provider_schemas: schemas,
  };
}

function typeKey({ mode, type, provider_name: provider }: RedactedChange): string {
  return JSON.stringify([provider, mode, type]);
}

function madeUpSchema(changes: readonly RedactedChange[]): object {
  const names = changes.flatMap(({ change }) => [change.before, change.after, change['after_unknown']].flatMap(keysOf));
  const attributes = names.map((name) => [name, { type: 'dynamic', optional: true }]);
  return { version: 0, block: { attributes: Object.fromEntries(attributes) } };
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
