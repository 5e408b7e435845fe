import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { listMembers, type Member } from '../../api-client/members.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** Everybody in an organization. They change seldom, so that many places may ask. */
export function useMembers(organization: string): UseQueryResult<Member[]> {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.members(organization),
    queryFn: ({ signal }) => listMembers(api, organization, signal),
    staleTime: 60_000,
  });
}
