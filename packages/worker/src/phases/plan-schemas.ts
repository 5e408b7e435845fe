import { type ProviderSchemas, providerSchemas } from '@gatehouse/shared/worker-api';
import { z } from 'zod';

/** What of `terraform show -json` (format_version 1.x) says which schemas the plan is drawn with. */
const drawn = z.array(z.object({ mode: z.string(), type: z.string(), provider_name: z.string() })).default([]);
const drawnPlan = z.object({ resource_changes: drawn, resource_drift: drawn });

const kindOfMode: Record<string, 'resource_schemas' | 'data_source_schemas' | undefined> = {
  managed: 'resource_schemas',
  data: 'data_source_schemas',
};

/** Of all schemas of the run's providers (the AWS provider alone has 1,500 types) those that the plan speaks of. */
export function cutSchemas(schemas: unknown, plan: unknown): ProviderSchemas {
  const { format_version, provider_schemas: all } = providerSchemas.parse(schemas);
  const { resource_changes: changes, resource_drift: drift } = drawnPlan.parse(plan);
  const cut: ProviderSchemas['provider_schemas'] = {};
  for (const { mode, type, provider_name: provider } of [...changes, ...drift]) {
    const kind = kindOfMode[mode];
    const schema = kind && all[provider]?.[kind]?.[type];
    if (kind === undefined || schema === undefined) continue;
    const ofProvider = cut[provider] ?? {};
    cut[provider] = { ...ofProvider, [kind]: { ...ofProvider[kind], [type]: schema } };
  }
  return { format_version, provider_schemas: cut };
}
