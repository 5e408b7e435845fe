import { mfaLevelLabels } from '@gatehouse/shared/mfa-level';
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FocusEvent, type ReactNode, useCallback, useId, useRef, useState } from 'react';
import { isApiError } from '../../api-client/api-error.ts';
import { authenticateRun } from '../../api-client/authenticate.ts';
import type { Mfa } from '../../api-client/mfa.ts';
import type { Run } from '../../api-client/run.ts';
import { DeadlineCountdown } from '../../components/deadline-countdown.tsx';
import { CodeEntry } from '../mfa/code-entry.tsx';
import { type LockState, lockWords } from '../mfa/lock-states.ts';
import { MfaLock } from '../mfa/mfa-lock.tsx';
import { applyConsent, planConsent, type Words, wordsOfProblem } from '../mfa/mfa-words.ts';
import { isMyDevice, rememberDevice } from '../mfa/my-devices.ts';
import { factsOf, refusalOfError } from '../mfa/refusal-of-error.ts';
import type { CodeOutcome } from '../mfa/use-code-sending.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { lockOfPhase } from './gate-of-run.ts';
import css from './panel.module.css';
import { sourceWords } from './run-source.ts';
import { refreshRun, runQuery } from './use-run.ts';

export type CodePanelProps = {
  run: Run;
  mfa: Mfa;
  /** `3 added, 1 destroyed`; empty for a plan, or where it is not known. */
  counts: string;
  autoFocus: boolean;
  /** The run no longer waited: what became of the digits, for where the panel was. */
  onGone(words: Words): void;
  /** What can be decided instead, such as to discard. */
  children?: ReactNode;
};

/** The lock of a phase and the field that opens it. For an apply the code is the decision. Needs a `key` a challenge. */
export function CodePanel({ run, mfa, counts, autoFocus, onGone, children }: CodePanelProps) {
  const { clock } = useServices();
  const { who } = useSession();
  const headingId = useId();
  const consentId = useId();
  const [typedName, setTypedName] = useState('');
  const [sent, setSent] = useState<'checking' | 'refused' | undefined>(undefined);
  const submit = useSubmit(run, mfa, typedName, onGone);
  const lock: LockState =
    sent === 'checking' ? 'exchanging' : sent === 'refused' ? 'refused' : lockOfPhase(run, mfa.phase);
  const words = mfa.phase === 'plan' ? planConsent : applyConsent(counts);
  const needsName = mfa.phase === 'apply' && run.needsName;
  const isNameTyped = !needsName || typedName === run.environment;
  const mayEnter = run.mayAuthenticate.includes(who.username) || mfa.state === 'exchanging';
  return (
    <section
      className={css['panel']}
      aria-labelledby={headingId}
      data-testid="code-panel"
      data-phase={mfa.phase}
      onFocus={aboveKeyboard}
    >
      <header className={css['head']}>
        <MfaLock state={lock} />
        <h2 id={headingId} className={css['title']} tabIndex={-1}>
          {words.title}
        </h2>
        <span className={css['lockWords']} data-state={lock}>
          {lockWords(lock)}
        </span>
        {mfa.deadlineAt !== undefined && (
          <span className={css['deadline']}>
            <DeadlineCountdown at={mfa.deadlineAt} />
          </span>
        )}
      </header>
      <p className={css['meta']}>
        {run.environment} · asked by {run.createdBy} {sourceWords(run.source)} · level: {mfaLevelLabels[run.level]}
      </p>
      <p id={consentId} className={mfa.phase === 'apply' ? css['consent'] : undefined}>
        {words.body}
      </p>
      {mayEnter ? (
        <>
          {needsName && (
            <TextInput
              className={css['nameField'] ?? ''}
              label="This destroys. Type the environment name"
              description={run.environment}
              value={typedName}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              data-testid="confirm-name"
              onChange={(event) => setTypedName(event.currentTarget.value)}
            />
          )}
          <CodeEntry
            device={{ label: mfa.device.label, isYours: isMyDevice(who.username, mfa.device.id) }}
            consentId={consentId}
            triesLeft={mfa.triesLeft}
            spent={mfa.device.spent}
            blockedBecause={isNameTyped ? undefined : `Type ${run.environment} above first.`}
            lastRefusal={
              mfa.lastError && {
                words: wordsOfProblem(mfa.lastError.code, factsOf(mfa, clock.now())),
                awsSaid: mfa.lastError.awsSaid,
              }
            }
            isExchanging={mfa.state === 'exchanging'}
            autoFocus={autoFocus}
            submit={submit}
            onSending={(isSending, outcome) =>
              setSent(isSending ? 'checking' : outcome?.kind === 'refused' ? 'refused' : undefined)
            }
          />
        </>
      ) : (
        <WhoElse names={run.mayAuthenticate} />
      )}
      {children}
    </section>
  );
}

/** A phone's keyboard takes the lower half: what the code starts, the field and its button stand above it. */
function aboveKeyboard({ currentTarget, target }: FocusEvent<HTMLElement>): void {
  const isField = target instanceof HTMLInputElement;
  if (isField && window.matchMedia('(pointer: coarse)').matches) currentTarget.scrollIntoView({ block: 'start' });
}

function WhoElse({ names }: { names: readonly string[] }) {
  return (
    <p>{names.length === 0 ? 'You cannot enter a code here.' : `Those who can enter a code: ${names.join(', ')}.`}</p>
  );
}

const gone = ['mfa_not_awaited', 'mfa_deadline_passed', 'mfa_too_many_attempts', 'invalid_transition'] as const;

/** Sends a code, then looks at what became of the run: also after an answer that was lost. */
function useSubmit(run: Run, mfa: Mfa, typedName: string, onGone: (words: Words) => void) {
  const { api, clock } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const newest = useRef({ run, mfa, typedName, onGone });
  newest.current = { run, mfa, typedName, onGone };
  return useCallback(
    async (code: string): Promise<CodeOutcome> => {
      const { run: asked, mfa: wait, typedName: name, onGone: tellGone } = newest.current;
      const confirmName = asked.needsName && wait.phase === 'apply' ? name : undefined;
      try {
        await authenticateRun(api, { runId: asked.id, code, confirmName });
        rememberDevice(who.username, wait.device.id);
        await refreshRun(queries, asked.id);
        return { kind: 'accepted' };
      } catch (error) {
        await refreshRun(queries, asked.id);
        const now = queries.getQueryData(runQuery(api, asked.id).queryKey);
        const after = now?.mfaOfPhase[wait.phase];
        // The answer was lost, not the code.
        if (isApiError(error, 'unreachable') && after?.state !== undefined && after.state !== 'awaiting') {
          return { kind: 'accepted' };
        }
        const endedBy = after?.authenticatedBy;
        const facts = { ...factsOf(after ?? wait, clock.now()), ...(endedBy === undefined ? {} : { endedBy }) };
        const refusal = refusalOfError(error, facts);
        if (gone.some((goneCode) => isApiError(error, goneCode))) tellGone(refusal.words);
        const awsSaid = isApiError(error, after?.lastError?.code) ? after?.lastError?.awsSaid : undefined;
        return awsSaid === undefined ? refusal : { ...refusal, awsSaid };
      }
    },
    [api, clock, queries, who.username],
  );
}
