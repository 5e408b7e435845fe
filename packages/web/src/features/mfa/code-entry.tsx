import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useNow } from '../../components/clock.tsx';
import css from './code-entry.module.css';
import { CodeField } from './code-field.tsx';
import { CodeHints } from './code-hints.tsx';
import { type Words, wordsOfProblem } from './mfa-words.ts';
import { isCode } from './typed-code.ts';
import { type CodeOutcome, useCodeSending } from './use-code-sending.ts';

export type CodeEntryProps = {
  /** The device, as in `…4821:mfa/ops-alice`. */
  device: { label: string; isYours: boolean };
  /** Id of the sentence that says what a code starts: the press is the consent to it. */
  consentId: string;
  triesLeft: number;
  /** Every code of this device up to here was accepted for another run, and AWS takes each once. */
  spent?: { until: number; by: string; environment: string } | undefined;
  /** Why nothing can be sent yet, such as that the environment's name is still to be typed. */
  blockedBecause?: string | undefined;
  /** A refusal that the api remembers, from before this page was opened. */
  lastRefusal?: { words: Words; awsSaid?: string | undefined } | undefined;
  /** Somebody else's code is being checked. */
  isExchanging?: boolean;
  /** Only with a fine pointer, one challenge on the page, a plan, no hash: the page decides. */
  autoFocus?: boolean;
  isOneTimeCode?: boolean;
  /** Sends the code, once. Must not keep it. */
  submit(code: string): Promise<CodeOutcome>;
  /** While a code is checked, and with what came of it: for the lock beside. */
  onSending?(isSending: boolean, outcome?: CodeOutcome): void;
};

/** Six digits and the one button that sends them. Nothing is sent without a press of it, or of Enter. */
export function CodeEntry(props: CodeEntryProps) {
  const { spent, onSending } = props;
  const [digits, setDigits] = useState('');
  const [unusable, setUnusable] = useState<number | undefined>(undefined);
  const [trustsDevice, setTrustsDevice] = useState(false);
  const sending = useCodeSending(props.submit);
  const field = useRef<HTMLInputElement>(null);
  const [alertId, hintsId, fieldId] = [useId(), useId(), useId()];
  const isSpent = useNow(1000) < (spent?.until ?? 0) && !trustsDevice;
  const isSending = sending.phase !== 'idle' || props.isExchanging === true;
  const isOff = isSpent || props.blockedBecause !== undefined;
  const refusal = sending.refusal ?? props.lastRefusal;

  // biome-ignore lint/correctness/useExhaustiveDependencies: only as the field comes; no event may move the focus later.
  useLayoutEffect(() => {
    if (props.autoFocus) field.current?.focus({ preventScroll: true });
  }, []);
  // A device that ran ahead once may not do so for the next code that is spent.
  const spentUntil = spent?.until;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the new half minute is what undoes it.
  useEffect(() => setTrustsDevice(false), [spentUntil]);

  const change = (next: string) => {
    setDigits(next);
    setUnusable(undefined);
  };
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSending || isOff) return;
    if (!isCode(digits)) {
      setUnusable(digits.length);
      field.current?.focus();
      return;
    }
    onSending?.(true);
    const outcome = await sending.send(digits);
    // The digits go with the answer, whatever it was.
    setDigits('');
    onSending?.(false, outcome);
    if (outcome?.kind === 'refused') field.current?.focus();
  };

  return (
    <form className={css['form']} onSubmit={(event) => void onSubmit(event)} noValidate>
      <label className={css['label']} htmlFor={fieldId}>
        Code from MFA device <span className={css['device']}>{props.device.label}</span>
        {props.device.isYours ? ' (yours)' : ''}
      </label>
      {!isSending && refusal !== undefined && <Refusal id={alertId} {...refusal} />}
      <div className={css['line']}>
        <CodeField
          id={fieldId}
          describedBy={[props.consentId, hintsId, ...(refusal === undefined ? [] : [alertId])].join(' ')}
          field={field}
          digits={digits}
          isSending={isSending}
          isRefused={!isSending && refusal !== undefined}
          isOneTimeCode={props.isOneTimeCode ?? true}
          onDigits={change}
          onUnusable={setUnusable}
        />
        {/* Busy, not disabled: a disabled button would drop the focus. */}
        <Button type="submit" aria-disabled={isOff} data-disabled={isOff} data-busy={isSending} aria-busy={isSending}>
          {isSending ? 'Checking' : 'Authenticate'}
        </Button>
      </div>
      {isSpent && spent !== undefined && !isSending && (
        <SpentNotice spent={spent} onTrustDevice={() => setTrustsDevice(true)} />
      )}
      <CodeHints
        id={hintsId}
        sending={isSending && sending.phase === 'idle' ? 'checking' : sending.phase}
        unusable={unusable === undefined ? undefined : wordsOfProblem('mfa_code_invalid_format', { digits: unusable })}
        blockedBecause={props.blockedBecause}
        triesLeft={props.triesLeft}
      />
    </form>
  );
}

function Refusal({ id, words, awsSaid }: { id: string; words: Words; awsSaid?: string | undefined }) {
  return (
    <div id={id} className={css['alert']} role="alert">
      <strong>{words.title}</strong>
      {words.body}
      {awsSaid !== undefined && (
        <details>
          <summary>What AWS said</summary>
          <code>{awsSaid}</code>
        </details>
      )}
    </div>
  );
}

function SpentNotice(props: { spent: NonNullable<CodeEntryProps['spent']>; onTrustDevice(): void }) {
  const { by, environment, until } = props.spent;
  const left = Math.max(0, Math.ceil((until - useNow(1000)) / 1000));
  return (
    <div className={css['spent']}>
      {by} used this code for {environment}. New one in {left} s.{' '}
      <button type="button" className={css['textButton']} onClick={props.onTrustDevice}>
        My device shows another one
      </button>
    </div>
  );
}
