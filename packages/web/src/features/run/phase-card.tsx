import { needsMfa } from '@gatehouse/shared/mfa-level';
import type { Phase } from '@gatehouse/shared/run-status';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import { useNow } from '../../components/clock.tsx';
import { clockTime, exactTime, stopwatch } from '../../components/duration-words.ts';
import { lockWords } from '../mfa/lock-states.ts';
import { MfaLock } from '../mfa/mfa-lock.tsx';
import { authenticatedWithWords } from '../mfa/session-words.ts';
import { lockOfPhase } from './gate-of-run.ts';
import css from './phase-card.module.css';
import type { RunStep } from './run-steps.ts';
import { SessionFacts } from './session-facts.tsx';

export type PhaseCardProps = {
  run: Run;
  phase: Phase;
  step: RunStep | undefined;
  /** Until the reader folds it, or opens it. */
  isOpenAtFirst: boolean;
  /** The lock stands in the panel above already. */
  isLockElsewhere: boolean;
  beside?: ReactNode;
  /** Above what the phase does, folded or not: the code that its session needs. */
  panel?: ReactNode;
  children: ReactNode;
};

const titles = { plan: 'Plan', apply: 'Apply' } as const satisfies Record<Phase, string>;

/** One phase: its lock, how long it took, and what it did. */
export function PhaseCard(props: PhaseCardProps) {
  const { run, phase, step } = props;
  const [choice, setChoice] = useState<boolean | undefined>(undefined);
  const headingId = useId();
  const isOpen = choice ?? props.isOpenAtFirst;
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <section className={css['card']} aria-labelledby={headingId} data-testid={`${phase}-card`}>
      <header className={css['head']}>
        <h2 id={headingId} className={css['title']} tabIndex={-1}>
          <button type="button" className={css['fold']} aria-expanded={isOpen} onClick={() => setChoice(!isOpen)}>
            <Chevron size={16} aria-hidden /> {titles[phase]}
          </button>
        </h2>
        {step !== undefined && <StepLength step={step} />}
        {!props.isLockElsewhere && <LockLine run={run} phase={phase} />}
        {props.beside !== undefined && isOpen && <div className={css['beside']}>{props.beside}</div>}
      </header>
      <SessionFacts run={run} phase={phase} />
      {props.panel !== undefined && <div className={css['panel']}>{props.panel}</div>}
      {isOpen && <div className={css['body']}>{props.children}</div>}
    </section>
  );
}

/** The lock beside a phase, in words too; after a code who gave it, when and with which device. */
export function LockLine({ run, phase }: { run: Run; phase: Phase }) {
  const mfa = run.mfaOfPhase[phase];
  const state = lockOfPhase(run, phase);
  // Nothing was asked of a run that ended before.
  if (mfa === undefined && needsMfa(run.level, phase) && run.endedAt !== undefined) return null;
  return (
    <span className={css['lock']} data-testid="lock-line" data-state={state}>
      <MfaLock state={state} username={mfa?.authenticatedBy ?? 'somebody'} />
      <span>
        <strong>{mfa?.state === 'withdrawn' ? 'No code was given' : lockWords(state, mfa?.authenticatedBy)}</strong>
        {mfa?.authenticatedAt !== undefined && (
          <span className={css['meta']}>
            {' '}
            · <time title={exactTime(mfa.authenticatedAt)}>{clockTime(mfa.authenticatedAt, true)}</time>
            {mfa.authenticatedWith !== undefined &&
              ` · ${authenticatedWithWords(mfa.authenticatedBy ?? 'somebody', mfa.authenticatedWith)}`}
          </span>
        )}
      </span>
    </span>
  );
}

function StepLength({ step }: { step: RunStep }) {
  const now = useNow(1000);
  const end = step.endedAt ?? (step.state === 'current' ? now : undefined);
  if (step.startedAt === undefined || end === undefined) return null;
  return <span className={css['meta']}>{stopwatch(end - step.startedAt)}</span>;
}
