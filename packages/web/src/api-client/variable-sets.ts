import type { VariableSetOrigin } from '@gatehouse/shared/variable-precedence';
import * as z from 'zod/mini';
import { readAllPages } from './all-pages.ts';
import type { Api } from './api.ts';
import { resource } from './json-api.ts';
import { listedVariable, type Variable, variableOf } from './variables.ts';

const listedSet = resource('varsets', {
  name: z.string(),
  global: z.boolean(),
  priority: z.boolean(),
  'var-count': z.int(),
});

/** Variables that environments share, under one name. */
export type VariableSet = { id: string; origin: VariableSetOrigin; variables: Variable[] };

/** The sets that hold in an environment, with what they set: a request for each that sets anything. */
export async function listVariableSets(api: Api, environmentId: string, signal?: AbortSignal): Promise<VariableSet[]> {
  const { items } = await readAllPages(api, `/workspaces/${environmentId}/varsets`, listedSet, signal);
  return Promise.all(
    items
      .filter(({ attributes }) => attributes['var-count'] > 0)
      .map(async ({ id, attributes: { name, global, priority } }) => {
        const variables = await readAllPages(api, `/varsets/${id}/relationships/vars`, listedVariable, signal);
        const reach = global ? ('global' as const) : ('workspace' as const);
        const origin = { kind: 'set' as const, name, reach, isPriority: priority };
        return { id, origin, variables: variables.items.map(variableOf) };
      }),
  );
}
