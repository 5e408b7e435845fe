import { type AcceptedIdentities, awsVariables } from '@gatehouse/shared/mfa-level';
import type { VariableOrigin } from '@gatehouse/shared/variable-precedence';
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { holdingVariable, type SetVariables, wordsOfOrigin } from '../variables/winning-variables.ts';
import css from './needed-variables.module.css';

/** `from` undefined: it is missing, or the value that holds is empty. */
export type NeededVariable = { key: string; from: VariableOrigin | undefined };

/** The three that a run with codes needs (M2), and where the value comes from that holds. */
export function neededVariables(variables: SetVariables): NeededVariable[] {
  return Object.values(awsVariables).map((key) => {
    const holding = holdingVariable(variables, key);
    return { key, from: holding === undefined || holding.variable.value === '' ? undefined : holding.origin };
  });
}

/** Where members answer with keys and devices of their own, what the organization lacks is no mistake. */
export function requiresVariables(accepted: AcceptedIdentities): boolean {
  return accepted === 'organization';
}

/** What the three are for in an environment, where it can do without them. */
export const optionalWords: Record<Exclude<AcceptedIdentities, 'organization'>, string> = {
  members:
    'Not required for codes: members answer with AWS identities of their own. What runs without a code uses them all the same.',
  both: 'Not required: members may answer codes with AWS identities of their own. Without all three, who has registered none cannot answer. What runs without a code uses them all the same.',
};

/** `setPath`: where a missing one is set; undefined: not by this person. */
export function NeededVariables(props: {
  needed: readonly NeededVariable[];
  isRequired: boolean;
  setPath: string | undefined;
}) {
  return (
    <ul className={css['list']} aria-label="Needed for codes">
      {props.needed.map(({ key, from }) => (
        <li key={key} className={css['item']} data-missing={(from === undefined && props.isRequired) || undefined}>
          <SetMark isSet={from !== undefined} isRequired={props.isRequired} />
          <code>{key}</code>
          {from === undefined ? (
            <>
              {props.isRequired ? 'missing' : 'not set'}{' '}
              {props.setPath !== undefined && (
                <Link to={props.setPath} aria-label={`Set ${key}`}>
                  Set it
                </Link>
              )}
            </>
          ) : (
            <span className={css['from']}>from {wordsOfOrigin(from)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

export function SetMark({ isSet, isRequired }: { isSet: boolean; isRequired: boolean }) {
  if (isSet) return <IconCheck size={16} aria-hidden />;
  return isRequired ? <IconX size={16} aria-hidden /> : <IconMinus size={16} aria-hidden />;
}
