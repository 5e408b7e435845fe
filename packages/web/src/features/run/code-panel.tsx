import { mfaLevelLabels } from '@gatehouse/shared/mfa-level';
import { TextInput } from '@mantine/core';
import { type FocusEvent, type ReactNode, useId, useState } from 'react';
import type { Mfa } from '../../api-client/mfa.ts';
import type { Run } from '../../api-client/run.ts';
import { DeadlineCountdown } from '../../components/deadline-countdown.tsx';
import { Notice } from '../../components/notice.tsx';
import { CodeEntry } from '../mfa/code-entry.tsx';
import { DeviceChoice, NoDevice } from '../mfa/device-choice.tsx';
import { type LockState, lockWords } from '../mfa/lock-states.ts';
import { MfaLock } from '../mfa/mfa-lock.tsx';
import { applyConsent, planConsent, type Words, wordsOfProblem } from '../mfa/mfa-words.ts';
import { isMyDevice } from '../mfa/my-devices.ts';
import { factsOf } from '../mfa/refusal-of-error.ts';
import { extendConsent, tooShortWords } from '../mfa/session-words.ts';
import { useDeviceChoice } from '../mfa/use-device-choice.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { lockOfPhase } from './gate-of-run.ts';
import css from './panel.module.css';
import { sourceWords } from './run-source.ts';
import { useSubmitCode } from './use-submit-code.ts';

export type CodePanelProps = {
  run: Run;
  mfa: Mfa;
  /** `3 added, 1 destroyed`; empty for a plan, or where it is not known. */
  counts: string;
  autoFocus: boolean;
  /** The run no longer waited: what became of the digits, for where the panel was. */
  onGone(words: Words): void;
  onAccepted?: (() => void) | undefined;
  /** What can be decided instead, such as to discard. */
  children?: ReactNode;
};

/**
 * The lock of a phase and the field that opens it. For an apply the code is the decision, unless terraform runs already and
 * the code extends its session. Needs a `key` a challenge.
 */
export function CodePanel({ run, mfa, counts, autoFocus, onGone, onAccepted = () => {}, children }: CodePanelProps) {
  const { clock } = useServices();
  const { who } = useSession();
  const headingId = useId();
  const consentId = useId();
  const [typedName, setTypedName] = useState('');
  const [sent, setSent] = useState<'checking' | 'refused' | undefined>(undefined);
  const { device, choose } = useDeviceChoice(mfa.devices);
  const submit = useSubmitCode({ run, mfa, device, typedName, onGone, onAccepted });
  const lock: LockState =
    sent === 'checking' ? 'exchanging' : sent === 'refused' ? 'refused' : lockOfPhase(run, mfa.phase);
  const startsApply = mfa.purpose === 'start' && mfa.phase === 'apply';
  const words = consentOf(mfa, counts);
  const tooShort = mfa.purpose === 'start' ? tooShortWords(mfa.phase, mfa.plannedSession) : undefined;
  const needsName = startsApply && run.needsName;
  const isNameTyped = !needsName || typedName === run.environment;
  const mayEnter = run.mayAuthenticate.includes(who.username) || mfa.state === 'exchanging';
  return (
    <section
      className={css['panel']}
      aria-labelledby={headingId}
      data-testid="code-panel"
      data-phase={mfa.phase}
      data-purpose={mfa.purpose}
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
      {mfa.purpose === 'start' && (
        <p className={css['meta']}>
          {run.environment} · asked by {run.createdBy} {sourceWords(run.source)} · level: {mfaLevelLabels[run.level]}
        </p>
      )}
      <p id={consentId} className={startsApply ? css['consent'] : undefined}>
        {words.body}
      </p>
      {tooShort !== undefined && (
        <Notice tone="info" title={tooShort.title}>
          {tooShort.body}
        </Notice>
      )}
      {device === undefined && mfa.state === 'awaiting' && <NoDevice />}
      {mayEnter && device !== undefined && (
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
          <DeviceChoice
            devices={mfa.devices}
            chosen={device.owner}
            isOff={sent === 'checking' || mfa.state === 'exchanging'}
            onChoose={choose}
          />
          <CodeEntry
            device={{ label: device.label, isYours: isMyDevice(who.username, device) }}
            consentId={consentId}
            triesLeft={mfa.triesLeft}
            spent={device.spent}
            blockedBecause={isNameTyped ? undefined : `Type ${run.environment} above first.`}
            lastRefusal={
              mfa.lastError && {
                words: wordsOfProblem(mfa.lastError.code, factsOf({ ...mfa, device }, clock.now())),
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
      )}
      {!mayEnter && <WhoElse names={run.mayAuthenticate} />}
      {children}
    </section>
  );
}

function consentOf({ purpose, phase, deadlineAt }: Mfa, counts: string): Words {
  if (purpose === 'extend') return extendConsent(phase, deadlineAt);
  return phase === 'plan' ? planConsent : applyConsent(counts);
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
