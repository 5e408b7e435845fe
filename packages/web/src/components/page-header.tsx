import type { ReactNode } from 'react';
import css from './page-header.module.css';

/** The head of a page: where it stands, its title, what goes with the title, and what one can do. */
export function PageHeader(props: { title: ReactNode; crumbs?: ReactNode; beside?: ReactNode; actions?: ReactNode }) {
  return (
    <header className={css['header']}>
      {props.crumbs !== undefined && (
        <nav className={css['crumbs']} aria-label="Where this page stands">
          {props.crumbs}
        </nav>
      )}
      <div className={css['line']}>
        <h1 className={css['title']}>{props.title}</h1>
        {props.beside}
        {props.actions !== undefined && <div className={css['actions']}>{props.actions}</div>}
      </div>
    </header>
  );
}
