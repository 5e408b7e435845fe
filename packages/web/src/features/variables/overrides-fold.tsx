import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Api } from '../../api-client/api.ts';
import { listEnvironments } from '../../api-client/environments.ts';
import { listVariables, type Variable } from '../../api-client/variables.ts';
import { pathTo } from '../../components/paths.ts';
import { Answered } from '../answers/answered.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import css from './overrides-fold.module.css';

type Override = { environment: string; keys: string[] };

/** Which environments have their own of what the organization sets. Asked for only when it is opened: one request each. */
export function OverridesFold({ organization, shared }: { organization: string; shared: readonly Variable[] }) {
  const { api } = useServices();
  const [isOpen, setOpen] = useState(false);
  const overrides = useQuery({
    queryKey: [...queryKeys.variables(organization), 'overrides', shared.map(({ key }) => key).join(' ')],
    queryFn: ({ signal }) => findOverrides(api, organization, shared, signal),
    enabled: isOpen,
  });
  return (
    <details className={css['fold']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Overridden in</summary>
      {isOpen && (
        <Answered query={overrides} what="the environments' own variables">
          {(found) =>
            found.length === 0 ? (
              <p>No environment has its own of these.</p>
            ) : (
              <ul className={css['list']}>
                {found.map(({ environment, keys }) => (
                  <li key={environment}>
                    <Link to={pathTo('variables', { organization, environment })}>{environment}</Link>:{' '}
                    {keys.join(', ')}
                  </li>
                ))}
              </ul>
            )
          }
        </Answered>
      )}
    </details>
  );
}

async function findOverrides(
  api: Api,
  organization: string,
  shared: readonly Variable[],
  signal: AbortSignal,
): Promise<Override[]> {
  const isShared = (own: Variable) => shared.some(({ key, category }) => key === own.key && category === own.category);
  const { items } = await listEnvironments(api, organization, signal);
  const overrides: Override[] = [];
  for (const { id, name } of items) {
    const own = await listVariables(api, { environmentId: id }, signal);
    const keys = own.filter(isShared).map(({ key }) => key);
    if (keys.length > 0) overrides.push({ environment: name, keys });
  }
  return overrides;
}
