import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { NeededVariable } from '../environments/needed-variables.tsx';
import css from './aws-checklist.module.css';

/** `MFA needs 3 of 3: ✓ ✓ ✓`, and each missing one by name. `onSet` undefined: not by this person. */
export function AwsChecklist(props: { needed: readonly NeededVariable[]; onSet: ((key: string) => void) | undefined }) {
  const { needed, onSet } = props;
  const missing = needed.filter(({ from }) => from === undefined);
  return (
    <div className={css['list']} id="aws" data-testid="aws-checklist">
      <span>
        MFA needs {needed.length - missing.length} of {needed.length}:
      </span>
      {needed.map(({ key, from }) => (
        <span key={key} className={css['item']} data-missing={from === undefined || undefined}>
          {from === undefined ? <IconX size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />}
          <code>{key}</code>
          {from === undefined && ' missing'}
          {from === undefined && onSet !== undefined && (
            <Button variant="default" size="compact-xs" aria-label={`Set ${key}`} onClick={() => onSet(key)}>
              Set it
            </Button>
          )}
        </span>
      ))}
    </div>
  );
}
