import type { ComponentProps } from 'react';
import css from './empty-panel.module.css';
import { EmptyState } from './empty-state.tsx';

/** An empty state in the place of a table, so that the section keeps its form. */
export function EmptyPanel(props: ComponentProps<typeof EmptyState>) {
  return (
    <div className={css['panel']}>
      <EmptyState {...props} />
    </div>
  );
}
