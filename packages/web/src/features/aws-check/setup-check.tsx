import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { AwsCheck } from '../../api-client/aws-checks.ts';
import { Notice } from '../../components/notice.tsx';
import { Failure } from '../answers/failure.tsx';
import { afterTyping, digitCount, isCode } from '../mfa/typed-code.ts';
import { ProbeList } from './probe-list.tsx';
import css from './setup-check.module.css';
import type { SetupCheck } from './use-setup-check.ts';

/**
 * The button that asks AWS whether keys, device and clock fit together, and what it answered. `hasRole`: it is asked about
 * a role as well.
 */
export function SetupCheckPanel({ check, hasRole }: { check: SetupCheck; hasRole: boolean }) {
  const [digits, setDigits] = useState('');
  const [problem, setProblem] = useState<string>();
  const onTyped = (typed: string) => {
    const next = afterTyping(digits, typed);
    setDigits(next.digits);
    setProblem(next.hasTooMany ? formatWords(digitCount(typed)) : undefined);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (check.isBusy) return;
    if (digits !== '' && !isCode(digits)) {
      setProblem(formatWords(digits.length));
      return;
    }
    // It is spent by the check, whatever comes of it.
    setDigits('');
    void check.run(digits === '' ? undefined : digits);
  };
  return (
    <div className={css['panel']}>
      <form className={css['ask']} aria-label="Check AWS set-up" onSubmit={onSubmit} noValidate>
        <TextInput
          className={css['code'] ?? ''}
          label="MFA code (optional)"
          description={`With a code ${hasRole ? 'device and role are tried too' : 'the device is tried too'}; AWS takes each code once. Without one nothing is spent.`}
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
          value={digits}
          readOnly={check.isBusy}
          error={problem}
          onChange={(event) => onTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={check.isBusy}>
          Check AWS set-up
        </Button>
      </form>
      <Failure error={check.error} />
      <div role="status" className={css['standing']}>
        {check.isBusy && 'A worker asks AWS. This changes nothing there.'}
        {!check.isBusy && check.found !== undefined && standingWords(check.found)}
      </div>
      {!check.isBusy && check.found?.state === 'waiting' && (
        <Notice tone="need" title="No worker answered">
          A worker asks AWS, and none has taken the check yet. See that one is running and that it is not drained; the
          answer appears here as soon as one takes it.
        </Notice>
      )}
      {!check.isBusy && check.found?.state === 'finished' && <ProbeList results={check.found.results} />}
    </div>
  );
}

function formatWords(digits: number): string {
  return `A code has six digits. This has ${digits}.`;
}

function standingWords({ state, results }: AwsCheck): string {
  if (state === 'waiting') return 'Waiting for a worker.';
  if (state === 'claimed') return 'A worker is asking AWS.';
  const count = (wanted: string) => results.filter(({ outcome }) => outcome === wanted).length;
  const [failed, warned] = [count('failed'), count('warned')];
  if (failed + warned + count('passed') === 0) return 'Nothing could be looked at; why stands beside it.';
  if (failed > 0) return `${failed} of ${results.length} failed; what to do stands beside it.`;
  if (warned > 0) return `It works; ${warned} of ${results.length} could be better.`;
  return count('skipped') > 0 ? 'What was looked at is right.' : 'Everything is right.';
}
