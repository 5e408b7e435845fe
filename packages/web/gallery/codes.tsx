import { useId, useState } from 'react';
import { DeadlineCountdown } from '../src/components/deadline-countdown.tsx';
import { Notice } from '../src/components/notice.tsx';
import { CodeEntry, type CodeEntryProps } from '../src/features/mfa/code-entry.tsx';
import { DeviceChoice } from '../src/features/mfa/device-choice.tsx';
import { type LockState, lockStates, lockWords } from '../src/features/mfa/lock-states.ts';
import { MfaLock } from '../src/features/mfa/mfa-lock.tsx';
import { applyConsent, planConsent, type Words, wordsOfProblem } from '../src/features/mfa/mfa-words.ts';
import { extendConsent, extendedWords, notExtendedWords, tooShortWords } from '../src/features/mfa/session-words.ts';
import type { CodeOutcome } from '../src/features/mfa/use-code-sending.ts';
import css from './gallery.module.css';

const device = { label: '…4821:mfa/ops-alice', isYours: true };

/** `000000` is refused, anything else accepted; both after a moment. What was sent is counted for the tests. */
async function submit(code: string): Promise<CodeOutcome> {
  document.body.dataset['sent'] = String(Number(document.body.dataset['sent'] ?? 0) + 1);
  await new Promise((resolve) => setTimeout(resolve, 400));
  return code === '000000'
    ? { kind: 'refused', words: wordsOfProblem('mfa_rejected'), awsSaid: 'MultiFactorAuthentication failed' }
    : { kind: 'accepted' };
}

export function Codes() {
  const [openedAt] = useState(Date.now);
  return (
    <div className={css['row']}>
      <div className={css['wide']}>
        <div className={css['row']}>
          {lockStates.map((state) => (
            <span key={state} className={css['titled']}>
              <MfaLock state={state} username="bob" /> {lockWords(state, 'bob')}
            </span>
          ))}
        </div>
      </div>
      <Panel name="plan" words={planConsent} autoFocus />
      <Panel
        name="refused"
        words={applyConsent('3 added, 1 destroyed')}
        lastRefusal={{ words: wordsOfProblem('mfa_rejected') }}
      />
      <Panel
        name="spent"
        words={planConsent}
        spent={{ until: openedAt + 25_000, by: 'bob', environment: 'dns-prod' }}
      />
      <Panel name="checking" words={planConsent} isExchanging />
      <Panel name="extending" words={extendConsent('apply', openedAt + 8 * 60_000)} />
      <Devices />
      <Sessions now={openedAt} />
      <Panel name="blocked" words={applyConsent('')} blockedBecause="Type the environment's name first." />
    </div>
  );
}

function Panel({ name, words, ...rest }: { name: string; words: Words } & Partial<CodeEntryProps>) {
  const consentId = useId();
  const [lock, setLock] = useState<LockState>(
    rest.isExchanging ? 'exchanging' : rest.lastRefusal ? 'refused' : 'waiting',
  );
  const [deadline] = useState(() => Date.now() + 29 * 60_000);
  return (
    <section className={css['panel']} data-panel={name} aria-label={`Code panel ${name}`}>
      <h2 className={css['titled']}>
        <MfaLock state={lock} /> {words.title}
      </h2>
      <p id={consentId}>
        {words.body} <DeadlineCountdown at={deadline} />
      </p>
      <CodeEntry
        device={device}
        consentId={consentId}
        triesLeft={5}
        submit={submit}
        onSending={(isSending, outcome) =>
          setLock(isSending ? 'exchanging' : outcome?.kind === 'refused' ? 'refused' : 'authenticated')
        }
        {...rest}
      />
    </section>
  );
}

function Devices() {
  const [chosen, setChosen] = useState<'own' | 'organization'>('own');
  return (
    <section className={css['panel']} aria-label="Choice of the device">
      <DeviceChoice
        devices={[
          { id: 'own', label: '…4821:mfa/alice', owner: 'own', spent: undefined },
          { id: 'shared', label: '…4821:mfa/ops-alice', owner: 'organization', spent: undefined },
        ]}
        chosen={chosen}
        onChoose={setChosen}
      />
    </section>
  );
}

function Sessions({ now }: { now: number }) {
  const short = tooShortWords('apply', { expectedSeconds: 7_800, limitSeconds: 3_600, isEnough: false });
  const ok = extendedWords(now + 3_600_000, 'bob');
  const bad = notExtendedWords('apply', now);
  return (
    <section className={css['panel']} aria-label="Words on sessions">
      {short !== undefined && (
        <Notice tone="info" title={short.title}>
          {short.body}
        </Notice>
      )}
      <Notice tone="ok" title={ok.title}>
        {ok.body}
      </Notice>
      <Notice tone="bad" title={bad.title}>
        {bad.body}
      </Notice>
    </section>
  );
}
