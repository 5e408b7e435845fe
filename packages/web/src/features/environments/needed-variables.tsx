import { awsVariables } from '@gatehouse/shared/mfa-level';
import type { VariableOrigin } from '@gatehouse/shared/variable-precedence';
import { IconCheck, IconX } from '@tabler/icons-react';
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

/** `setPath`: where a missing one is set; undefined: not by this person. */
export function NeededVariables(props: { needed: readonly NeededVariable[]; setPath: string | undefined }) {
  return (
    <ul className={css['list']} aria-label="Needed for codes">
      {props.needed.map(({ key, from }) => (
        <li key={key} className={css['item']} data-missing={from === undefined || undefined}>
          {from === undefined ? <IconX size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />}
          <code>{key}</code>
          {from === undefined ? (
            <>
              missing{' '}
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
