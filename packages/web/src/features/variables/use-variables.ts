import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Environment } from '../../api-client/environments.ts';
import { listVariableSets, type VariableSet } from '../../api-client/variable-sets.ts';
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

/** What is set for an environment: its own, in the sets that reach it, and for its organization. */
export function useEnvironmentVariables(environment: Environment): {
  own: UseQueryResult<Variable[]>;
  sets: UseQueryResult<VariableSet[]>;
  organizations: UseQueryResult<Variable[]>;
} {
  const { api } = useServices();
  const { id, organization } = environment;
  const own = useQuery({
    queryKey: queryKeys.variables(id),
    queryFn: ({ signal }) => listVariables(api, { environmentId: id }, signal),
  });
  const sets = useQuery({
    queryKey: [...queryKeys.variables(id), 'sets'],
    queryFn: ({ signal }) => listVariableSets(api, id, signal),
  });
  return { own, sets, organizations: useOrganizationVariables(organization) };
}
