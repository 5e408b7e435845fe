import { Link } from 'react-router';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { pathTo } from '../../components/paths.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import css from './environment-list.module.css';
import type { EnvironmentStanding } from './environment-standing.ts';
import { LevelMark } from './level-mark.tsx';
import { RunBadge, RunCounts, RunLink } from './run-facts.tsx';

const columns: readonly Column<EnvironmentStanding>[] = [
  {
    head: 'Environment',
    place: 'title',
    cell: ({ environment: { organization, name, description } }) => (
      <>
        <Link to={pathTo('environment', { organization, environment: name })} className={css['name']}>
          {name}
        </Link>
        {description !== '' && <div className={css['description']}>{description}</div>}
      </>
    ),
  },
  {
    head: 'Status',
    place: 'bare',
    cell: ({ run, environment }) => (
      <span className={css['status']}>
        {run === undefined ? <span className={css['none']}>No run yet</span> : <RunBadge run={run} />}
        {environment.lock !== undefined && <span className={css['none']}>Locked</span>}
        {run !== undefined && <RunCounts run={run} />}
      </span>
    ),
  },
  { head: 'Codes for', cell: ({ environment }) => <LevelMark level={environment.mfaLevel} /> },
  {
    head: 'Run',
    cell: ({ run, waitingRuns }) =>
      run === undefined ? null : (
        <>
          <RunLink run={run} />
          {waitingRuns > 0 && <span className={css['none']}> and {waitingRuns} behind it</span>}
        </>
      ),
  },
  {
    head: 'Since',
    cell: ({ run }) => (run === undefined ? null : <RelativeTime at={run.endedAt ?? run.createdAt} />),
  },
];

export function EnvironmentList({ standings }: { standings: readonly EnvironmentStanding[] }) {
  return (
    <DataTable label="Environments" columns={columns} rows={standings} rowKey={({ environment }) => environment.name} />
  );
}
