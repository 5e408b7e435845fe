import * as z from 'zod/mini';
import { readAllPages } from './all-pages.ts';
import { type Api, anything } from './api.ts';
import { attributesDocument, instant, one, resource } from './json-api.ts';

export const variableCategories = ['env', 'terraform'] as const;
export type VariableCategory = (typeof variableCategories)[number];

export const listedVariable = resource('vars', {
  key: z.string(),
  value: z.nullable(z.string()),
  category: z.enum(variableCategories),
  sensitive: z.boolean(),
  hcl: z.boolean(),
  description: z.string(),
  'updated-at': instant,
});

export type Variable = {
  id: string;
  key: string;
  /** undefined: it is set, but not for these eyes. */
  value: string | undefined;
  category: VariableCategory;
  isSensitive: boolean;
  isHcl: boolean;
  description: string;
  updatedAt: number;
};

/** Whose variables: those of an environment alone, or those that all of an organization have. */
export type VariableOwner = { environmentId: string } | { organization: string };

export type NewVariable = {
  key: string;
  value: string;
  category: VariableCategory;
  sensitive: boolean;
  hcl: boolean;
  description: string;
};

export async function listVariables(api: Api, owner: VariableOwner, signal?: AbortSignal): Promise<Variable[]> {
  const { items } = await readAllPages(api, pathOf(owner), listedVariable, signal);
  return items.map(variableOf);
}

export async function createVariable(api: Api, owner: VariableOwner, variable: NewVariable): Promise<Variable> {
  const document = attributesDocument('vars', variable);
  return variableOf((await api.send('POST', pathOf(owner), document, one(listedVariable))).data);
}

/** Without a value the old one stays, which for a secret is the only way to keep it. */
export async function changeVariable(
  api: Api,
  owner: VariableOwner,
  id: string,
  changes: Partial<NewVariable>,
): Promise<Variable> {
  const document = attributesDocument('vars', changes);
  return variableOf((await api.send('PATCH', `${pathOf(owner)}/${id}`, document, one(listedVariable))).data);
}

export async function deleteVariable(api: Api, owner: VariableOwner, id: string): Promise<void> {
  await api.send('DELETE', `${pathOf(owner)}/${id}`, undefined, anything);
}

function pathOf(owner: VariableOwner): string {
  return 'organization' in owner
    ? `/organizations/${encodeURIComponent(owner.organization)}/vars`
    : `/workspaces/${owner.environmentId}/vars`;
}

export function variableOf({ id, attributes }: z.output<typeof listedVariable>): Variable {
  return {
    id,
    key: attributes.key,
    value: attributes.value ?? undefined,
    category: attributes.category,
    isSensitive: attributes.sensitive,
    isHcl: attributes.hcl,
    description: attributes.description,
    updatedAt: attributes['updated-at'],
  };
}
