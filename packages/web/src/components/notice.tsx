import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './notice.module.css';

export type NoticeTone = 'need' | 'info' | 'ok' | 'bad';

const icons: Record<NoticeTone, TablerIcon> = {
  need: IconAlertTriangle,
  info: IconInfoCircle,
  ok: IconCircleCheck,
  bad: IconAlertTriangle,
};

/** Words that stand out from a page. `role`: `status` for what comes up while one is there, `alert` for what failed. */
export function Notice(props: {
  tone: NoticeTone;
  title?: string;
  role?: 'status' | 'alert' | 'note';
  children?: ReactNode;
  action?: ReactNode;
}) {
  const Icon = icons[props.tone];
  return (
    <div className={css['notice']} data-tone={props.tone} role={props.role ?? 'note'}>
      <Icon className={css['icon']} size={20} aria-hidden />
      <div className={css['words']}>
        {props.title !== undefined && <strong>{props.title}</strong>}
        {props.children !== undefined && <div>{props.children}</div>}
      </div>
      {props.action}
    </div>
  );
}
