import { z } from 'zod';
import type { TagFilter } from '../domain/project-rules.ts';

/** `filter[tagged][0][key]=stage&filter[tagged][0][value]=prod`: go-tfe numbers them, and sends an empty value for none. */
const parameter = /^filter\[tagged\]\[(\d{1,3})\]\[(key|value)\]$/;

/** Names that are known by a pattern only; what else a query has is dropped. */
export const taggedQuery = z.record(z.string(), z.unknown()).transform((query) => {
  const found = new Map<string, { key?: string; value?: string }>();
  for (const [name, text] of Object.entries(query)) {
    const [, index, part] = parameter.exec(name) ?? [];
    if (index === undefined || part === undefined || typeof text !== 'string') continue;
    found.set(index, { ...found.get(index), [part]: text });
  }
  return [...found.values()].flatMap(({ key, value }): TagFilter[] =>
    key === undefined || key === '' ? [] : [{ key, value: value || undefined }],
  );
});

/** The words of a list that is separated by commas; undefined when there is none. */
export function wordsOf(list: string | undefined): string[] | undefined {
  const words = (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return words.length === 0 ? undefined : words;
}

export function tagFilters(list: string | undefined): TagFilter[] {
  return (wordsOf(list) ?? []).map((key) => ({ key, value: undefined }));
}
