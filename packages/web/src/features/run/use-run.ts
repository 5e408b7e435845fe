import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import type { Api } from '../../api-client/api.ts';
import { readRun } from '../../api-client/run.ts';
import { readRunHistory } from '../../api-client/run-history.ts';
import { queryKeys } from '../live/query-keys.ts';
import { newerOf } from '../live/refresh.ts';
import { useServices } from '../session/services.tsx';

export function runQuery(api: Api, runId: string) {
  return queryOptions({
    queryKey: queryKeys.run(runId),
    queryFn: ({ signal }) => readRun(api, runId, signal),
    structuralSharing: newerOf,
  });
}

export function useRun(runId: string) {
  const { api } = useServices();
  return useQuery(runQuery(api, runId));
}

/** What happened to the run so far. Its key begins as the run's own does: the same events make both old. */
export function useRunHistory(runId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: [...queryKeys.run(runId), 'history'],
    queryFn: ({ signal }) => readRunHistory(api, runId, signal),
  });
}

/** Asks for the run anew, after something was done to it. */
export async function refreshRun(queries: QueryClient, runId: string): Promise<void> {
  await queries.invalidateQueries({ queryKey: queryKeys.run(runId) });
}
