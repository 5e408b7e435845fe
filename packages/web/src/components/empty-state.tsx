import type { ReactNode } from 'react';
import css from './page-states.module.css';

/** One sentence, one action, no drawing. */
export function EmptyState({ title, body, action }: { title: string; body?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css['state']}>
      <div className={css['words']}>
        <p>{title}</p>
        {body !== undefined && <div className={css['body']}>{body}</div>}
      </div>
      {action}
    </div>
  );
}
