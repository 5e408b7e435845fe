import { useQuery } from '@tanstack/react-query';
import * as z from 'zod/mini';
import type { Run } from '../../api-client/run.ts';
import { queryKeys } from '../live/query-keys.ts';
import { readPlan } from '../plan/read-plan.ts';
import { useServices } from '../session/services.tsx';

/** The plan of a run with its secrets left out; null: this page cannot read it, and its log tells the same. */
export function usePlan(run: Run) {
  const { api } = useServices();
  const { planId, hasPlanJson } = run;
  return useQuery({
    queryKey: queryKeys.plan(run.id),
    queryFn: async ({ signal }) =>
      readPlan(await api.get(`/plans/${planId}/json-output-redacted`, z.unknown(), signal)) ?? null,
    enabled: planId !== undefined && hasPlanJson,
    staleTime: Infinity,
    // It is large, and structurally new each time: nothing to compare.
    structuralSharing: false,
  });
}
