import { versionWords } from '@gatehouse/shared/engine-version';
import { mfaLevelLabels } from '@gatehouse/shared/mfa-level';
import { type Phase, runningPhase } from '@gatehouse/shared/run-status';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { Link, Navigate, useLocation, useParams } from 'react-router';
import type { Run } from '../../api-client/run.ts';
import type { RunHistoryEntry } from '../../api-client/run-history.ts';
import { Notice } from '../../components/notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { pathTo } from '../../components/paths.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { Words } from '../mfa/mfa-words.ts';
import { consentCounts, countPlan } from '../plan/plan-counts.ts';
import { useSession } from '../session/current-session.tsx';
import { ApplyCard } from './apply-card.tsx';
import { DecisionFoot } from './decision-foot.tsx';
import { ExtensionOutcome } from './extension-outcome.tsx';
import { type Gate, gateOf } from './gate-of-run.ts';
import { GatePanel } from './gate-panel.tsx';
import { OutcomeCard } from './outcome-card.tsx';
import { PlanCard } from './plan-card.tsx';
import { RevokedSession } from './revoked-session.tsx';
import { AskBefore, type Asked, DiscardButton, RunButtons } from './run-buttons.tsx';
import { runName, shortRunId } from './run-name.ts';
import { sourceWords } from './run-source.ts';
import { stepsOf } from './run-steps.ts';
import { RunTimeline } from './run-timeline.tsx';
import css from './run-view.module.css';
import { SpokenStatus } from './spoken-status.tsx';
import { StatusBadge } from './status-badge.tsx';
import { StoppingNote } from './stopping-note.tsx';
import { badgeFactsOf, tabWords } from './tab-of-run.ts';
import { useFirstFocus, useFocusAfterPanel } from './use-panel-focus.ts';
import { usePlan } from './use-plan.ts';
import { useRunHistory } from './use-run.ts';
import { useRunTab } from './use-run-tab.ts';

const noHistory: readonly RunHistoryEntry[] = [];

/** A run, whole: where it stands, what it waits for, what it did. */
export function RunView({ run }: { run: Run }) {
  const history = useRunHistory(run.id).data ?? noHistory;
  const plan = usePlan(run);
  const gate = gateOf(run);
  const steps = useMemo(
    () => stepsOf({ status: run.status, level: run.level, planOnly: run.options.planOnly, history }),
    [run.status, run.level, run.options.planOnly, history],
  );
  const counts = plan.data ? consentCounts(countPlan(plan.data)) : countsOfRun(run);
  const [gone, setGone] = useState<Words | undefined>(undefined);
  const [acceptedId, setAcceptedId] = useState<string | undefined>(undefined);
  const { who } = useSession();
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  // The status tells before the history is there.
  const hasApply =
    runningPhase(run.status) === 'apply' ||
    steps.some(({ id, startedAt }) => id === 'apply' && startedAt !== undefined);
  const panel = useRef<HTMLDivElement>(null);
  const focus = useFirstFocus(gate);
  // The code's field comes first there, above the keyboard.
  const isPhone = useMediaQuery('(max-width: 640px)', undefined, { getInitialValueInEffect: false });
  useRunTab(run);
  useFocusAfterPanel(panel, gate);

  const canonical = useCanonicalPath(run);
  if (canonical !== undefined) return <Navigate to={canonical} replace />;

  const gatePanel = (
    <div ref={panel}>
      <GatePanel
        gate={gate}
        run={run}
        counts={counts}
        autoFocus={focus}
        onGone={setGone}
        onAccepted={setAcceptedId}
        onAsk={setAsked}
      />
    </div>
  );
  // While terraform runs the code is asked for where its log goes on.
  const panelOf = (phase: Phase) => (gate.kind === 'extend' && gate.phase === phase ? gatePanel : undefined);
  const decision = gate.kind === 'extend' ? null : gatePanel;
  const stepOf = (id: 'plan' | 'apply') => steps.find((step) => step.id === id);
  const planCard = <PlanCard run={run} gate={gate} step={stepOf('plan')} plan={plan} panel={panelOf('plan')} />;
  const isReview = gate.kind === 'decision' || (gate.kind === 'code' && gate.phase === 'apply');
  const actions = (
    <>
      <RunButtons run={run} onAsk={setAsked} />
      {!isReview && <DiscardButton run={run} onAsk={setAsked} />}
    </>
  );
  return (
    <div className={css['page']} data-testid="run-page" data-status={run.status}>
      <PageTitle parts={[tabWords(run), run.environment]} isCounted={false} />
      <RunHead run={run} gate={gate} actions={isPhone ? undefined : actions} />
      <RunTimeline steps={steps} />
      <SpokenStatus run={run} />
      {gone !== undefined && !['code', 'extend', 'given-up'].includes(gate.kind) && (
        <Notice tone="info" title={gone.title} role="alert">
          {gone.body}
        </Notice>
      )}
      <StoppingNote run={run} />
      <ExtensionOutcome run={run} gate={gate} acceptedId={acceptedId} username={who.username} />
      {!isReview && decision}
      <OutcomeCard
        run={run}
        steps={steps}
        endedBy={history.at(-1)?.by}
        ranApply={history.some(({ toStatus }) => toStatus === 'applying')}
      />
      <RevokedSession run={run} />
      {hasApply && <ApplyCard run={run} gate={gate} step={stepOf('apply')} panel={panelOf('apply')} />}
      {planCard}
      {isReview && decision}
      {isPhone && <div className={css['actions']}>{actions}</div>}
      {isReview && (
        <DecisionFoot
          panel={panel}
          words={gate.kind === 'code' ? 'Code needed' : 'Decision needed'}
          deadlineAt={gate.kind === 'code' ? gate.mfa.deadlineAt : undefined}
        />
      )}
      {asked !== undefined && <AskBefore key={asked} run={run} asked={asked} onClose={() => setAsked(undefined)} />}
    </div>
  );
}

function RunHead({ run, gate, actions }: { run: Run; gate: Gate; actions: ReactNode }) {
  const { organization, environment } = run;
  return (
    <PageHeader
      crumbs={
        <>
          <Link to={pathTo('environments', { organization })}>{organization}</Link> ›{' '}
          <Link to={pathTo('environment', { organization, environment })}>{environment}</Link> ›{' '}
          <span title={run.id}>{shortRunId(run.id)}</span>
        </>
      }
      title={runName(run)}
      beside={
        <>
          <StatusBadge {...badgeFactsOf(run)} />
          {gate.kind !== 'code' && <About run={run} />}
        </>
      }
      actions={actions}
    />
  );
}

/** Who asked for what. Where a code is awaited its panel says so. */
function About({ run }: { run: Run }) {
  const { organization, environment, behindRunId: behind } = run;
  return (
    <p className={css['about']}>
      {kindWords(run)} by {run.createdBy} {sourceWords(run.source)}, <RelativeTime at={run.createdAt} /> · MFA:{' '}
      {mfaLevelLabels[run.level]} · with {versionWords(run.terraformVersion)}
      {behind !== undefined && (
        <>
          {' '}
          ·{' '}
          <Link to={pathTo('run', { organization, workspace: environment, runId: behind })}>{shortRunId(behind)}</Link>{' '}
          holds this environment; this run is number {run.queuePosition ?? 1} in the queue
        </>
      )}
    </p>
  );
}

function kindWords({ options }: Run): string {
  if (options.isDestroy) return options.planOnly ? 'Destroy, plan only,' : 'Destroy';
  if (options.refreshOnly) return 'Refresh only,';
  if (options.savePlan) return 'Saved plan,';
  return options.planOnly ? 'Plan only,' : 'Asked';
}

/** Without the plan itself terraform's own counting is what is known. */
function countsOfRun({ planCounts }: Run): string {
  if (planCounts === undefined) return '';
  const { additions, changes, destructions } = planCounts;
  const words = [
    [additions, 'added'],
    [changes, 'changed'],
    [destructions, 'destroyed'],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** A run is found by its id alone; the rest of its address is put right. */
function useCanonicalPath(run: Run): string | undefined {
  const { organization, workspace } = useParams();
  const { search, hash } = useLocation();
  if (organization === run.organization && workspace === run.environment) return undefined;
  const path = pathTo('run', { organization: run.organization, workspace: run.environment, runId: run.id });
  return `${path}${search}${hash}`;
}
