import { useMutation, useQueryClient } from '@tanstack/react-query';
import { actOnRun, type RunAction } from '../../api-client/run-actions.ts';
import { useServices } from '../session/services.tsx';
import { refreshRun } from './use-run.ts';

/** Does something to a run; busy until the page shows what came of it, whether it was done or refused. */
export function useRunAction(runId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, ...said }: { action: RunAction; confirmName?: string; comment?: string }) =>
      actOnRun(api, runId, action, said),
    onSettled: () => refreshRun(queries, runId),
  });
}
