import { useDeferredValue, useMemo, useState } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { countPlan, isEmptyPlan, type PlanCounts, terraformsCounting } from './plan-counts.ts';
import css from './plan-summary.module.css';
import { actionWords } from './plan-words.ts';
import { type Plan, type PlanAction, planActions, type ResourcePlan } from './read-plan.ts';
import { OutputChange, ResourceChange } from './resource-change.tsx';

/** Above so many the changes come folded and in pages: they are read by filter then. */
const foldedAbove = 300;
const pageSize = 100;

/** What an apply would do: counts, then each resource, what is lost first. */
export function PlanSummary({ plan, driftIsShown = true }: { plan: Plan; driftIsShown?: boolean }) {
  const counts = useMemo(() => countPlan(plan), [plan]);
  if (isEmptyPlan(plan)) {
    return (
      <section className={css['summary']} aria-label="Changes">
        <EmptyState title="Nothing to change. State and AWS agree." />
        {driftIsShown && <Drift plan={plan} />}
      </section>
    );
  }
  return (
    <section className={css['summary']} aria-label="Changes">
      <Counts counts={counts} />
      <Resources resources={plan.resources} />
      {plan.outputs.length > 0 && (
        <>
          <h2>Outputs</h2>
          <ul className={css['list']}>
            {plan.outputs.map((output) => (
              <OutputChange key={output.name} output={output} />
            ))}
          </ul>
        </>
      )}
      {driftIsShown && <Drift plan={plan} />}
    </section>
  );
}

function Counts({ counts }: { counts: PlanCounts }) {
  const shown = planActions.filter((action) => action !== 'read' && (counts[action] > 0 || action !== 'forget'));
  return (
    <div>
      <ul className={css['counts']} aria-label="Counts">
        {shown.toReversed().map((action) => (
          <li key={action} data-action={counts[action] === 0 ? undefined : action}>
            {actionWords[action].sign}
            {counts[action]} {actionWords[action].count}
          </li>
        ))}
        {counts.moved > 0 && <li>{counts.moved} moved</li>}
        {counts.imported > 0 && <li>{counts.imported} imported</li>}
      </ul>
      <p className={css['terraforms']}>Terraform counts: {terraformsCounting(counts)}.</p>
    </div>
  );
}

function Resources({ resources }: { resources: readonly ResourcePlan[] }) {
  const [search, setSearch] = useState('');
  const [hidden, setHidden] = useState<ReadonlySet<PlanAction>>(new Set());
  const [pages, setPages] = useState(1);
  const needle = useDeferredValue(search).trim().toLowerCase();
  const matching = resources.filter(({ address }) => address.toLowerCase().includes(needle));
  const shown = matching.filter(({ action }) => action === 'none' || !hidden.has(action));
  const onPage = resources.length > foldedAbove ? shown.slice(0, pages * pageSize) : shown;
  const toggle = (action: PlanAction) => {
    const next = new Set(hidden);
    if (!next.delete(action)) next.add(action);
    setHidden(next);
  };
  return (
    <>
      <div className={css['filters']}>
        <input
          className={css['filterField']}
          type="search"
          aria-label="Filter by address"
          placeholder="Filter by address"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {planActions
          .filter((action) => resources.some((resource) => resource.action === action))
          .map((action) => (
            <label key={action} className={css['filter']}>
              <input type="checkbox" checked={!hidden.has(action)} onChange={() => toggle(action)} />
              {actionWords[action].verb} {matching.filter((resource) => resource.action === action).length}
            </label>
          ))}
        <output className={css['terraforms']}>{shown.length} shown</output>
      </div>
      <ul className={css['list']}>
        {onPage.map((resource) => (
          <ResourceChange key={resource.key} resource={resource} isOpenAtFirst={isOpenAtFirst(resource, resources)} />
        ))}
        {shown.length === 0 && <li className={css['empty']}>Nothing matches the filter.</li>}
        {onPage.length < shown.length && (
          <li className={css['more']}>
            <button type="button" onClick={() => setPages(pages + 1)}>
              Show {Math.min(pageSize, shown.length - onPage.length)} more of {shown.length - onPage.length}
            </button>
          </li>
        )}
      </ul>
    </>
  );
}

/** What is lost is read first, so it comes open. */
function isOpenAtFirst({ action }: ResourcePlan, all: readonly ResourcePlan[]): boolean {
  return action === 'replace' && all.length <= foldedAbove;
}

function Drift({ plan }: { plan: Plan }) {
  if (plan.drift.length === 0) return null;
  return (
    <details>
      <summary>Changed outside terraform: {plan.drift.length}</summary>
      <ul className={css['list']}>
        {plan.drift.map((resource) => (
          <ResourceChange key={resource.key} resource={resource} isOpenAtFirst={false} />
        ))}
      </ul>
    </details>
  );
}
