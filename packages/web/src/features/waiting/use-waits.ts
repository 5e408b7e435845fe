import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { readWaits, type Waits } from '../../api-client/waits.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** What waits for me. Asked once for the whole page, and kept up by its stream. */
export function useWaits(): UseQueryResult<Waits> {
  const { api } = useServices();
  return useQuery({ queryKey: queryKeys.waiting(), queryFn: ({ signal }) => readWaits(api, signal) });
}
