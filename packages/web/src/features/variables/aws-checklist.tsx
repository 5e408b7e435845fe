import type { AcceptedIdentities } from '@gatehouse/shared/mfa-level';
import { Button } from '@mantine/core';
import { type NeededVariable, optionalWords, requiresVariables, SetMark } from '../environments/needed-variables.tsx';
import css from './aws-checklist.module.css';

/**
 * `MFA needs 3 of 3: ✓ ✓ ✓`, and each missing one by name. `onSet` undefined: not by this person. `accepted`: by the
 * environment that is looked at; undefined: it is the organization's list, from which environments take what they need.
 */
export function AwsChecklist(props: {
  needed: readonly NeededVariable[];
  accepted: AcceptedIdentities | undefined;
  onSet: ((key: string) => void) | undefined;
}) {
  const { needed, accepted = 'organization', onSet } = props;
  const isRequired = requiresVariables(accepted);
  const missing = needed.filter(({ from }) => from === undefined);
  return (
    <div id="aws" data-testid="aws-checklist">
      <div className={css['list']}>
        <span>
          {isRequired ? 'MFA needs' : "The organization's identity has"} {needed.length - missing.length} of{' '}
          {needed.length}:
        </span>
        {needed.map(({ key, from }) => (
          <span key={key} className={css['item']} data-missing={(from === undefined && isRequired) || undefined}>
            <SetMark isSet={from !== undefined} isRequired={isRequired} />
            <code>{key}</code>
            {from === undefined && (isRequired ? ' missing' : ' not set')}
            {from === undefined && onSet !== undefined && (
              <Button variant="default" size="compact-xs" aria-label={`Set ${key}`} onClick={() => onSet(key)}>
                Set it
              </Button>
            )}
          </span>
        ))}
      </div>
      {accepted !== 'organization' && <p className={css['note']}>{optionalWords[accepted]}</p>}
      {props.accepted === undefined && missing.length > 0 && (
        <p className={css['note']}>Environments that accept members' own AWS identities can do without them.</p>
      )}
    </div>
  );
}
