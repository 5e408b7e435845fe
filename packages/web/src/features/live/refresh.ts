import { type QueryClient, replaceEqualDeep } from '@tanstack/react-query';
import type { StateEvent } from '../../api-client/state-events.ts';
import { queryKeys, staleKeys } from './query-keys.ts';

/** Fetches what an event says has changed, as far as the page shows it; the rest is marked as old. */
export function refreshAfter(queries: QueryClient, event: StateEvent): void {
  for (const queryKey of staleKeys(event)) void queries.invalidateQueries({ queryKey });
}

// Who I am is asked by the gate; a plan never changes once it is there.
const steady: readonly unknown[] = [queryKeys.session()[0], queryKeys.plan('')[0]];

/** Fetches everything that the page shows; resolves when all of it has answered. */
export async function refreshAll(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ predicate: ({ queryKey }) => !steady.includes(queryKey[0]) });
}

/**
 * For a query's `structuralSharing`: an answer that was overtaken by a newer one is dropped. Answers of two requests
 * may come in either order, and a run must never seem to go back.
 */
export function newerOf(before: unknown, after: unknown): unknown {
  return isVersioned(before) && isVersioned(after) && after.version < before.version
    ? before
    : replaceEqualDeep(before, after);
}

function isVersioned(value: unknown): value is { version: number } {
  return typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'number';
}
