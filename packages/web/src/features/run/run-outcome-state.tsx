import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Run } from '../../api-client/run.ts';
import { listOutputs, listStateVersions } from '../../api-client/state-versions.ts';
import { pathTo } from '../../components/paths.ts';
import { Answered } from '../answers/answered.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import css from './panel.module.css';

/** The state that a run has left, with its outputs. */
export function RunOutcomeState({ run }: { run: Run }) {
  const { api } = useServices();
  const [isOpen, setOpen] = useState(false);
  const state = useQuery({
    queryKey: [...queryKeys.run(run.id), 'state'],
    queryFn: async ({ signal }) => {
      const { versions } = await listStateVersions(api, run.workspaceId, { number: 1, size: 50 }, signal);
      return versions.find(({ runId }) => runId === run.id) ?? null;
    },
  });
  const version = state.data ?? undefined;
  const outputs = useQuery({
    queryKey: [...queryKeys.run(run.id), 'outputs', version?.id],
    queryFn: ({ signal }) => listOutputs(api, version?.id ?? '', signal),
    enabled: isOpen && version !== undefined,
  });
  if (version === undefined) return null;
  const path = pathTo('states', { organization: run.organization, environment: run.environment });
  return (
    <>
      <p className={css['facts']}>
        <Link to={path} data-testid="state-link">
          State version {version.serial}
        </Link>
        <span>{version.resourceCount === 1 ? '1 resource' : `${version.resourceCount} resources`}</span>
      </p>
      <details className={css['outputs']} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Outputs</summary>
        {isOpen && (
          <Answered query={outputs} what="the outputs">
            {(list) =>
              list.length === 0 ? (
                <p>This configuration has none.</p>
              ) : (
                <dl>
                  {list.map(({ name, isSensitive, value }) => (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd>{isSensitive ? '(sensitive)' : JSON.stringify(value, undefined, 2)}</dd>
                    </div>
                  ))}
                </dl>
              )
            }
          </Answered>
        )}
      </details>
    </>
  );
}
