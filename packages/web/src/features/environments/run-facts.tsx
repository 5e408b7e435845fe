import { Link } from 'react-router';
import type { RunSummary } from '../../api-client/run.ts';
import { pathTo } from '../../components/paths.ts';
import { shortRunId } from '../run/run-name.ts';
import { StatusBadge } from '../run/status-badge.tsx';
import { badgeFactsOf } from '../run/tab-of-run.ts';
import css from './run-facts.module.css';

export function RunBadge({ run }: { run: RunSummary }) {
  return <StatusBadge {...badgeFactsOf(run)} />;
}

export function RunLink({ run }: { run: RunSummary }) {
  const to = pathTo('run', { organization: run.organization, workspace: run.environment, runId: run.id });
  return (
    <Link to={to} className={css['link']} title={run.id}>
      {shortRunId(run.id)}
    </Link>
  );
}

/** What the plan found, by sign and number: `+3 ~2 −1`. Terraform's counting, in which a replacement counts twice. */
export function RunCounts({ run }: { run: RunSummary }) {
  if (run.planCounts === undefined) return null;
  const { additions, changes, destructions } = run.planCounts;
  if (additions + changes + destructions === 0) return null;
  const signs = (
    [
      ['add', '+', additions],
      ['change', '~', changes],
      ['destroy', '−', destructions],
    ] as const
  ).filter(([, , count]) => count > 0);
  const words = `${additions} to add, ${changes} to change, ${destructions} to destroy`;
  return (
    <span className={css['counts']} title={words}>
      <span className="gh-visually-hidden">{words}</span>
      {signs.map(([action, sign, count]) => (
        <span key={action} aria-hidden data-action={action}>
          {sign}
          {count}
        </span>
      ))}
    </span>
  );
}
