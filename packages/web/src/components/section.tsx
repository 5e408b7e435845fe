import { type ReactNode, useId } from 'react';
import css from './section.module.css';

/** A part of a page with a heading of its own. */
export function Section(props: { title: string; note?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const headingId = useId();
  return (
    <section className={css['section']} aria-labelledby={headingId}>
      <div className={css['head']}>
        <h2 id={headingId}>{props.title}</h2>
        {props.note !== undefined && <div className={css['note']}>{props.note}</div>}
        {props.actions !== undefined && <div className={css['actions']}>{props.actions}</div>}
      </div>
      <div className={css['body']}>{props.children}</div>
    </section>
  );
}
