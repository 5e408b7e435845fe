import type * as z from 'zod/mini';
import type { Api } from './api.ts';
import { many } from './json-api.ts';

const pageSize = 100;
// A list beyond this is searched, not read; the answer says that there is more.
const maxPages = 10;

export type WholeList<Resource> = { items: Resource[]; totalCount: number };

/** Every page of a list, one after another; at most 1000 items. `path` may hold a query. */
export async function readAllPages<Resource extends z.ZodMiniType>(
  api: Api,
  path: string,
  schema: Resource,
  signal?: AbortSignal,
): Promise<WholeList<z.output<Resource>>> {
  const items: z.output<Resource>[] = [];
  const list = many(schema);
  const join = path.includes('?') ? '&' : '?';
  for (let page = 1; page <= maxPages; page += 1) {
    const answer = await api.get(`${path}${join}page[size]=${pageSize}&page[number]=${page}`, list, signal);
    items.push(...answer.data);
    const totalCount = answer.meta?.pagination?.['total-count'] ?? items.length;
    if (items.length >= totalCount || answer.data.length === 0) return { items, totalCount };
  }
  return { items, totalCount: items.length + 1 };
}
