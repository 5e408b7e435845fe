import type { StateFile } from './state-file.ts';

/** Instances of one resource, or data source, in one module: what the TFE API tells of a state without its values. */
export type StateResource = { name: string; type: string; count: number; module: string; provider: string };

/** In the order of the state; instances of a module are counted together, as the TFE API does. */
export function resourcesOf(state: StateFile): StateResource[] {
  const found = new Map<string, StateResource>();
  for (const { mode, type, name, module, provider, instances } of state.resources) {
    const resource = {
      name,
      type: mode === 'data' ? `data.${type}` : type,
      count: instances.length,
      module: moduleName(module),
      provider,
    };
    const key = JSON.stringify([resource.module, resource.type, name, provider]);
    const known = found.get(key);
    if (known === undefined) found.set(key, resource);
    else known.count += resource.count;
  }
  return [...found.values()];
}

type Counts = Record<string, Record<string, number>>;

/** How many of each type a module has, with the types written as the TFE API writes them here: `null-resource`. */
export function countsByModule(resources: readonly StateResource[]): Counts {
  return countsBy(resources, ({ module }) => module);
}

export function countsByProvider(resources: readonly StateResource[]): Counts {
  return countsBy(resources, ({ provider }) => provider);
}

function countsBy(resources: readonly StateResource[], keyOf: (resource: StateResource) => string): Counts {
  const counts = new Map<string, Map<string, number>>();
  for (const resource of resources) {
    const key = keyOf(resource);
    const ofKey = counts.get(key) ?? new Map<string, number>();
    const type = resource.type.replaceAll('_', '-');
    ofKey.set(type, (ofKey.get(type) ?? 0) + resource.count);
    counts.set(key, ofKey);
  }
  return Object.fromEntries([...counts].map(([key, ofKey]) => [key, Object.fromEntries(ofKey)]));
}

const moduleStep = /module\.([^.[\]]+)(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)/g;

/** `module.a["x"].module.b` is `root.a.b`. */
function moduleName(address: string): string {
  return ['root', ...[...address.matchAll(moduleStep)].map(([, name = '']) => name)].join('.');
}
