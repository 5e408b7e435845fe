import { Button } from '@mantine/core';
import { IconAlertOctagon } from '@tabler/icons-react';
import css from './page-states.module.css';

/** What failed, why, and the way on. Title and detail as the api said them. */
export function ErrorState(props: { title: string; detail: string; onRetry?: () => void }) {
  return (
    <div className={`${css['state']} ${css['error']}`} role="alert">
      <div className={css['words']}>
        <h2 className={css['errorTitle']}>
          <IconAlertOctagon size={20} aria-hidden /> {props.title}
        </h2>
        <p>{props.detail}</p>
      </div>
      {props.onRetry !== undefined && (
        <Button variant="default" size="sm" onClick={props.onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
