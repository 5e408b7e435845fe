import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { isApiError } from '../api-client/api-error.ts';
import { type Environment, readEnvironment } from '../api-client/environments.ts';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { TabLinks } from '../components/tab-links.tsx';
import { Answered } from '../features/answers/answered.tsx';
import { LevelMark } from '../features/environments/level-mark.tsx';
import { LockButton, LockNotice } from '../features/environments/lock-environment.tsx';
import { queryKeys } from '../features/live/query-keys.ts';
import { useSession } from '../features/session/current-session.tsx';
import { useServices } from '../features/session/services.tsx';
import css from './environment-frame.module.css';
import { NotFoundPage } from './not-found-page.tsx';
import { pathTo } from './paths.ts';

/** The head and the tabs of an environment's four pages. */
export function EnvironmentFrame(props: {
  /** Of the tab, for the title. */
  title: string;
  actions?: (environment: Environment) => ReactNode;
  children(environment: Environment, isOwner: boolean): ReactNode;
}) {
  const { organization = '', environment: name = '' } = useParams();
  const { api } = useServices();
  const { organizations } = useSession();
  const membership = organizations.find((candidate) => candidate.name === organization);
  const environment = useQuery({
    queryKey: [...queryKeys.environment(name), organization],
    queryFn: ({ signal }) => readEnvironment(api, organization, name, signal),
    enabled: membership !== undefined,
  });
  if (membership === undefined || isApiError(environment.error, 'not_found')) return <NotFoundPage />;
  const isOwner = membership.isOwner;
  const address = { organization, environment: name };
  return (
    <>
      <PageTitle parts={[props.title, name]} />
      <PageHeader
        crumbs={<Link to={pathTo('environments', { organization })}>{organization}</Link>}
        title={name}
        beside={environment.data !== undefined && <LevelMark level={environment.data.mfaLevel} />}
        actions={
          environment.data !== undefined && (
            <>
              <LockButton environment={environment.data} />
              {props.actions?.(environment.data)}
            </>
          )
        }
      />
      <TabLinks
        label={`Pages of ${name}`}
        tabs={[
          { to: pathTo('environment', address), words: 'Runs' },
          { to: pathTo('variables', address), words: 'Variables' },
          { to: pathTo('states', address), words: 'States' },
          { to: pathTo('settings', address), words: 'Settings' },
        ]}
      />
      <Answered query={environment} what="the environment">
        {(data) => (
          <>
            <div className={css['notices']}>
              <LockNotice environment={data} isOwner={isOwner} />
            </div>
            {props.children(data, isOwner)}
          </>
        )}
      </Answered>
    </>
  );
}
