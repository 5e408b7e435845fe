import { endReasons } from '@gatehouse/shared/end-reasons';
import { isTerminal, type RunStatus } from '@gatehouse/shared/run-status';
import { useId } from 'react';
import type { ChangeCounts, Run } from '../../api-client/run.ts';
import { clockTime, exactTime, stopwatch } from '../../components/duration-words.ts';
import { lockWords } from '../mfa/lock-states.ts';
import { MfaLock } from '../mfa/mfa-lock.tsx';
import { type Words, wordsOfProblem } from '../mfa/mfa-words.ts';
import { afterSessionEnd } from '../mfa/session-words.ts';
import { badgeOf } from './badge-of-run.ts';
import { lockOfPhase } from './gate-of-run.ts';
import css from './panel.module.css';
import { QueueAgain } from './queue-again.tsx';
import { RunOutcomeState } from './run-outcome-state.tsx';
import type { RunStep } from './run-steps.ts';
import { badgeFactsOf } from './tab-of-run.ts';

const families: { readonly [status in RunStatus]?: string } = {
  applied: 'ok',
  planned_and_finished: 'ok',
  errored: 'bad',
};

/** How a run ended, what is left of it, and the way on. */
export function OutcomeCard({
  run,
  steps,
  endedBy,
  ranApply,
}: {
  run: Run;
  steps: readonly RunStep[];
  endedBy: string | undefined;
  /** Terraform was started for the apply. */
  ranApply: boolean;
}) {
  const headingId = useId();
  if (!isTerminal(run.status)) return null;
  const words = outcomeWords(run);
  const lock = givenUpLock(run);
  const apply = steps.find(({ id }) => id === 'apply');
  const counts = run.status === 'applied' ? run.applyCounts : undefined;
  const hasApplied = apply?.startedAt !== undefined && run.mfaOfPhase.apply?.state !== 'given_up';
  return (
    <section
      className={css['panel']}
      aria-labelledby={headingId}
      data-testid="outcome-card"
      data-status={run.status}
      data-family={families[run.status]}
    >
      <header className={css['head']}>
        {lock !== undefined && <MfaLock state={lock} />}
        <h2 id={headingId} className={css['title']} tabIndex={-1}>
          {words.title}
        </h2>
        {lock !== undefined && words.title !== lockWords(lock) && (
          <span className={css['lockWords']} data-state={lock}>
            {lockWords(lock)}
          </span>
        )}
        {run.endedAt !== undefined && (
          <time className={css['deadline']} title={exactTime(run.endedAt)}>
            {clockTime(run.endedAt, true)}
            {endedBy !== undefined && endedBy !== 'gatehouse' && ` · ${endedBy}`}
          </time>
        )}
      </header>
      <p className={css['said']}>{words.body}</p>
      {(run.endReason === 'session_expired' || run.endReason === 'session_revoked') && (
        <p>{afterSessionEnd(ranApply)}</p>
      )}
      {(counts !== undefined || apply?.endedAt !== undefined) && (
        <p className={css['facts']}>
          {counts !== undefined && <span>{countWords(counts)}</span>}
          {apply?.startedAt !== undefined && apply.endedAt !== undefined && (
            <span>
              {counts === undefined ? 'The apply ran for' : 'in'} {stopwatch(apply.endedAt - apply.startedAt)}
            </span>
          )}
        </p>
      )}
      {hasApplied && <RunOutcomeState run={run} />}
      <div className={css['buttons']}>
        <QueueAgain run={run} />
      </div>
    </section>
  );
}

function outcomeWords(run: Run): Words {
  const until = run.mfa?.deadlineAt === undefined ? {} : { until: clockTime(run.mfa.deadlineAt) };
  if (run.endReason === 'mfa_deadline_passed') return wordsOfProblem('mfa_deadline_passed', until);
  if (run.endReason === 'mfa_too_many_attempts') return wordsOfProblem('mfa_too_many_attempts');
  const { words, why } = badgeOf(badgeFactsOf(run));
  return { title: words, body: run.endMessage ?? (run.endReason === undefined ? why : endReasons[run.endReason]) };
}

function givenUpLock(run: Run) {
  const lock = run.mfa === undefined ? undefined : lockOfPhase(run, run.mfa.phase);
  return lock === 'expired' || lock === 'no-tries' ? lock : undefined;
}

function countWords({ additions, changes, destructions, imports }: ChangeCounts): string {
  return [
    `${additions} added`,
    `${changes} changed`,
    `${destructions} destroyed`,
    ...(imports > 0 ? [`${imports} imported`] : []),
  ].join(', ');
}
