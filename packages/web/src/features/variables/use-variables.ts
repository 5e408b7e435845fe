import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Environment } from '../../api-client/environments.ts';
import { listVariables, type Variable } from '../../api-client/variables.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

export function useOrganizationVariables(organization: string): UseQueryResult<Variable[]> {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.variables(organization),
    queryFn: ({ signal }) => listVariables(api, { organization }, signal),
  });
}

/** An environment's own variables, and those of its organization that hold where it has none of the name. */
export function useEnvironmentVariables(environment: Environment): {
  own: UseQueryResult<Variable[]>;
  organizations: UseQueryResult<Variable[]>;
} {
  const { api } = useServices();
  const own = useQuery({
    queryKey: queryKeys.variables(environment.id),
    queryFn: ({ signal }) => listVariables(api, { environmentId: environment.id }, signal),
  });
  return { own, organizations: useOrganizationVariables(environment.organization) };
}
