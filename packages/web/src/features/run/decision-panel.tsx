import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import { Failure } from '../answers/failure.tsx';
import { MfaLock } from '../mfa/mfa-lock.tsx';
import css from './panel.module.css';
import { useRunAction } from './use-run-action.ts';

/** A finished plan where no code is needed: apply it or not. */
export function DecisionPanel({ run, counts, children }: { run: Run; counts: string; children?: ReactNode }) {
  const headingId = useId();
  const [typedName, setTypedName] = useState('');
  const applying = useRunAction(run.id);
  const isOff = !run.isConfirmable || (run.needsName && typedName !== run.environment);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isOff && !applying.isPending) {
      applying.mutate({ action: 'apply', ...(run.needsName ? { confirmName: typedName } : {}) });
    }
  };
  return (
    <section className={css['panel']} aria-labelledby={headingId} data-testid="decision-panel" data-family="need">
      <header className={css['head']}>
        <MfaLock state="off" />
        <h2 id={headingId} className={css['title']} tabIndex={-1}>
          Apply this plan?
        </h2>
        <span className={css['lockWords']}>No code needed</span>
      </header>
      <form className={css['panelForm']} onSubmit={onSubmit}>
        <p className={css['consent']}>
          Apply starts changes to active infrastructure{counts === '' ? '' : `: ${counts}`}. No further confirmation
          follows.
          {run.options.savePlan && ' The plan is kept until then, and nothing waits for it.'}
        </p>
        {run.needsName && (
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
        <Failure error={applying.error} />
        <div className={css['buttons']}>
          <Button type="submit" disabled={isOff} loading={applying.isPending}>
            Apply
          </Button>
          {children}
        </div>
      </form>
    </section>
  );
}
