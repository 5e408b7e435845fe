import { useId } from 'react';
import { Link } from 'react-router';
import type { BatchOutcome } from '../../api-client/authenticate.ts';
import { isExtending } from '../../api-client/mfa.ts';
import type { Wait } from '../../api-client/waits.ts';
import { useNow } from '../../components/clock.tsx';
import { DeadlineCountdown } from '../../components/deadline-countdown.tsx';
import { clockTime, durationWords, exactTime } from '../../components/duration-words.ts';
import { pathTo } from '../../components/paths.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { isCodeProblem, wordsOfProblem } from '../mfa/mfa-words.ts';
import { challengeOf } from '../run/badge-of-run.ts';
import { runName } from '../run/run-name.ts';
import { sourceWords } from '../run/run-source.ts';
import { StatusBadge } from '../run/status-badge.tsx';
import { countsInSigns, isExtension, waitsNoMore } from './wait-groups.ts';
import css from './waiting.module.css';

export type WaitRowProps = {
  wait: Wait;
  /** Absent where there is nothing to tick, such as a decision. */
  tick?: { isTicked: boolean; whyNot: string | undefined; isBusy: boolean; onTick(isTicked: boolean): void };
  /** What came of the last code. */
  outcome?: BatchOutcome | undefined;
};

/** One run that waits: which, since when, until when, what it would do. */
export function WaitRow({ wait, tick, outcome }: WaitRowProps) {
  const nameId = useId();
  const noteId = useId();
  const counts = countsInSigns(wait);
  return (
    <li className={css['row']} data-testid="wait-row" data-run={wait.runId} data-outcome={outcome?.outcome}>
      <span className={css['tick']}>
        {tick !== undefined && tick.whyNot !== waitsNoMore && (
          <input
            type="checkbox"
            aria-labelledby={nameId}
            aria-describedby={noteId}
            checked={tick.isTicked && tick.whyNot === undefined}
            disabled={tick.whyNot !== undefined || tick.isBusy}
            onChange={(event) => tick.onTick(event.currentTarget.checked)}
          />
        )}
      </span>
      <span className={css['name']} id={nameId}>
        <strong>{wait.environment}</strong> <span className={css['phase']}>{wait.phase}</span>
        {isExtension(wait) && <span className={css['phase']}> running</span>}
        {counts !== '' && wait.phase === 'apply' && <span className={css['counts']}> {counts}</span>}
      </span>
      <span className={css['about']}>
        {runName({ id: wait.runId, message: wait.message })} · {wait.createdBy}, {sourceWords(wait.source)},{' '}
        <RelativeTime at={wait.since} />
      </span>
      <span className={css['state']} id={noteId}>
        {outcome === undefined ? (
          <Standing wait={wait} whyNot={tick?.whyNot} />
        ) : (
          <Outcome outcome={outcome} isExtended={isExtension(wait)} />
        )}
      </span>
      <Link className={css['open']} to={runPath(wait)} aria-label={`Open ${wait.environment}, ${wait.phase}`}>
        Open
      </Link>
    </li>
  );
}

function Standing({ wait, whyNot }: { wait: Wait; whyNot: string | undefined }) {
  const challenge = challengeOf(wait.mfa);
  return (
    <>
      {challenge !== 'awaiting' && wait.mfa !== undefined && (
        <StatusBadge
          status={wait.status}
          level="plans_and_applies"
          challenge={challenge}
          isExtending={isExtending(wait.mfa)}
        />
      )}
      {whyNot !== undefined && <span>{whyNot}</span>}
      {isExtension(wait) && wait.deadlineAt !== undefined && <SessionLeft endsAt={wait.deadlineAt} />}
      {whyNot === undefined && !isExtension(wait) && wait.deadlineAt !== undefined && (
        <DeadlineCountdown at={wait.deadlineAt} isShort />
      )}
      {whyNot === undefined && wait.deadlineAt === undefined && <span>no deadline yet</span>}
    </>
  );
}

/** Until when a code can still extend it: then terraform is interrupted. */
function SessionLeft({ endsAt }: { endsAt: number }) {
  const left = endsAt - useNow(1000);
  return (
    <time dateTime={new Date(endsAt).toISOString()} title={exactTime(endsAt)}>
      {left > 0 ? `session ends in ${durationWords(left)}` : `session ended ${clockTime(endsAt)}`}
    </time>
  );
}

function Outcome({ outcome: { outcome, error }, isExtended }: { outcome: BatchOutcome; isExtended: boolean }) {
  if (outcome === 'authenticated')
    return <strong className={css['released']}>{isExtended ? 'Extended' : 'Released'}</strong>;
  if (outcome === 'exchanging') return <span>Still checking with AWS; the outcome appears on its page.</span>;
  const title =
    error?.code !== undefined && isCodeProblem(error.code) ? wordsOfProblem(error.code).title : error?.title;
  return (
    <span className={css['failed']} title={error?.detail}>
      {title ?? (isExtended ? 'Not extended' : 'Not released')}
    </span>
  );
}

function runPath({ organization, environment, runId }: Wait): string {
  return pathTo('run', { organization, workspace: environment, runId });
}
