import {
  IconAlertOctagon,
  IconBan,
  IconBolt,
  IconCircleCheck,
  IconClockX,
  IconEqual,
  IconFileDiff,
  IconHourglass,
  IconListSearch,
  IconLock,
  IconLockCog,
  IconLockMinus,
  IconLockX,
  IconPlugConnectedX,
  IconStack2,
  IconTrashX,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type BadgeFacts, type BadgeIconName, badgeOf } from './badge-of-run.ts';
import css from './status-badge.module.css';

const icons: Record<BadgeIconName, TablerIcon> = {
  hourglass: IconHourglass,
  lock: IconLock,
  'lock-cog': IconLockCog,
  'lock-x': IconLockX,
  stack: IconStack2,
  'list-search': IconListSearch,
  'file-diff': IconFileDiff,
  bolt: IconBolt,
  'circle-check': IconCircleCheck,
  equal: IconEqual,
  octagon: IconAlertOctagon,
  'plug-x': IconPlugConnectedX,
  'clock-x': IconClockX,
  'lock-minus': IconLockMinus,
  'trash-x': IconTrashX,
  ban: IconBan,
};

/** A run's status: icon, words, colour; the sentence why on hover. `children`: a running time, say. */
export function StatusBadge({ children, ...facts }: BadgeFacts & { children?: ReactNode }) {
  const { words, icon, family, why } = badgeOf(facts);
  const Icon = icons[icon];
  return (
    <span
      className={css['badge']}
      data-testid="status-badge"
      data-status={facts.status}
      data-family={family}
      data-icon={icon}
      title={why}
    >
      <Icon size={16} aria-hidden />
      {words}
      {children !== undefined && <span>{children}</span>}
    </span>
  );
}
