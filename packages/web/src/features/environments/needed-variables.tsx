import { awsVariables } from '@gatehouse/shared/mfa-level';
import { IconCheck, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Variable } from '../../api-client/variables.ts';
import css from './needed-variables.module.css';

export type NeededVariable = { key: string; from: 'environment' | 'organization' | undefined };

/** The three that a run with codes needs (M2), and whose value holds: an environment's own wins. */
export function neededVariables(own: readonly Variable[], organizations: readonly Variable[]): NeededVariable[] {
  const isSet = (variables: readonly Variable[], key: string) =>
    variables.some((variable) => variable.category === 'env' && variable.key === key && variable.value !== '');
  return Object.values(awsVariables).map((key) => ({
    key,
    from: isSet(own, key) ? 'environment' : isSet(organizations, key) ? 'organization' : undefined,
  }));
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
            <span className={css['from']}>from the {from}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
