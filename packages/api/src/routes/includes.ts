import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { z } from 'zod';

/** Merge with a query: names of related resources, separated by commas. */
export const includeQuery = z.object({ include: z.string().max(1000).optional() });

/**
 * What is to be included. go-tfe and the terraform CLI learn from the refusal of an unknown name, by its words "include
 * parameter", what a server does not have (go-tfe's ErrInvalidIncludeValue): throws `invalid_include`. A name that is
 * known but has nothing here is listed in `known`. `a.b` means `a` too; `-` and `_` are the same.
 */
export function includesOf<const Name extends string>(
  include: string | undefined,
  known: readonly Name[],
): ReadonlySet<Name> {
  const asked = new Set<Name>();
  for (const given of (include ?? '').split(',').map((name) => name.trim())) {
    if (given === '') continue;
    const name = known.find((candidate) => candidate === given.replaceAll('-', '_'));
    if (name === undefined) {
      throw new GatehouseError(
        'invalid_include',
        `"${given.slice(0, 100)}" is no include parameter here. There are: ${known.join(', ')}.`,
      );
    }
    asked.add(name);
    const parent = known.find((candidate) => name.startsWith(`${candidate}.`));
    if (parent !== undefined) asked.add(parent);
  }
  return asked;
}

/** Each resource once, however many others lead to it. Undefined when nothing was asked for. */
export function includedOnce(
  asked: ReadonlySet<string>,
  resources: readonly ({ id: string; type: string } | undefined)[],
): unknown[] | undefined {
  if (asked.size === 0) return undefined;
  const once = new Map<string, unknown>();
  for (const resource of resources) {
    if (resource !== undefined && !once.has(`${resource.type}/${resource.id}`)) {
      once.set(`${resource.type}/${resource.id}`, resource);
    }
  }
  return [...once.values()];
}

/** The document with its `included`, if there is any. */
export function withIncluded<Document extends object>(
  document: Document,
  included: unknown[] | undefined,
): Document & { included?: unknown[] } {
  return included === undefined ? document : { ...document, included };
}
